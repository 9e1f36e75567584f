#include "base/bus/message_stream.hpp"

#include <algorithm>
#include <limits>

namespace notifybridge::bus {

void MessageStream::add(std::string_view bytes) {
    const std::uint64_t skipped = std::min<std::uint64_t>(to_skip_, bytes.size());
    to_skip_ -= skipped;
    bytes_.append(bytes.substr(skipped));
}

std::uint64_t MessageStream::wanted() const {
    if (!has_message_)
        return std::numeric_limits<std::uint64_t>::max();
    if (to_skip_ > 0)
        return to_skip_;
    const std::uint64_t size = message_size(bytes_).value_or(fixed_size);
    return size > bytes_.size() ? size - bytes_.size() : 1;
}

std::optional<MessageStream::Item> MessageStream::next() {
    if (is_broken_ || !read_greeting() || to_skip_ > 0)
        return std::nullopt;
    const auto size = message_size(bytes_);
    if (!size)
        return std::nullopt;
    is_broken_ = *size == 0;
    if (is_broken_)
        return std::nullopt;
    Item item;
    if (*size <= longest_) {
        if (!is_held(*size))
            return std::nullopt;
        item.message = decode_message(std::string_view(bytes_).substr(0, *size));
    } else if (const std::uint64_t header = header_size(bytes_); header <= longest_) {
        if (!is_held(header))
            return std::nullopt;
        item.is_too_long = true;
        item.message = decode_header(std::string_view(bytes_).substr(0, header));
    }
    drop(*size);
    return item;
}

/// Reads the lines before the first message ("Authentication Protocol"). The second line exists
/// only if the greeting was about descriptors. No message begins with the letters of this line.
bool MessageStream::read_greeting() {
    while (!is_greeted_ || (!has_message_ && bytes_.find_first_of("AE") == 0)) {
        const std::size_t end = bytes_.find("\r\n");
        if (end == bytes_.npos) {
            is_broken_ = bytes_.size() > longest_;
            return false;
        }
        is_broken_ = !is_greeted_ && !bytes_.starts_with("OK ");
        is_greeted_ = !is_broken_;
        drop(end + 2);
        if (is_broken_)
            return false;
    }
    has_message_ = has_message_ || !bytes_.empty();
    return true;
}

void MessageStream::drop(std::uint64_t size) {
    const std::uint64_t held = std::min<std::uint64_t>(size, bytes_.size());
    to_skip_ = size - held;
    bytes_.erase(0, held);
    // No bytes are pending: release the memory that a long message took.
    if (bytes_.empty())
        bytes_.shrink_to_fit();
}

}  // namespace notifybridge::bus
