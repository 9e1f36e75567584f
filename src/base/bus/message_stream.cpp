#include "base/bus/message_stream.hpp"

#include <algorithm>

namespace notifybridge::bus {

void MessageStream::add(std::string_view bytes) {
    const std::uint64_t skipped = std::min<std::uint64_t>(to_skip_, bytes.size());
    to_skip_ -= skipped;
    bytes_.append(bytes.substr(skipped));
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

/// Reads the line before the first message ("Authentication Protocol").
bool MessageStream::read_greeting() {
    if (is_greeted_)
        return true;
    const std::size_t end = bytes_.find("\r\n");
    if (end == bytes_.npos) {
        is_broken_ = bytes_.size() > longest_;
        return false;
    }
    is_greeted_ = bytes_.starts_with("OK ");
    is_broken_ = !is_greeted_;
    drop(end + 2);
    return is_greeted_;
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
