#include "base/system/random_id.hpp"

#include <sys/random.h>

#include "base/system/error.hpp"
#include "base/util/number.hpp"

namespace notifybridge::system {

RandomId make_random_id() {
    RandomId id;
    if (::getrandom(id.bytes.data(), id.bytes.size(), 0) < 0)
        system::throw_errno("getrandom");
    return id;
}

std::string to_string(const RandomId& id) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * id.bytes.size());
    for (const std::byte byte : id.bytes) {
        text += digits[std::to_integer<std::size_t>(byte >> 4)];
        text += digits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

std::optional<RandomId> parse_random_id(std::string_view text) {
    RandomId id;
    if (text.size() != 2 * id.bytes.size())
        return std::nullopt;
    for (std::size_t at = 0; at < id.bytes.size(); ++at) {
        const auto byte = util::parse_number<unsigned char>(text.substr(2 * at, 2), 16);
        if (!byte)
            return std::nullopt;
        id.bytes[at] = static_cast<std::byte>(*byte);
    }
    return id;
}

}  // namespace notifybridge::system
