#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Checks eight bytes of text at once, as one number. Byte order does not matter, because the
/// functions only test whether any byte has a property.
namespace notifybridge::util {

inline constexpr std::uint64_t low_bits = 0x0101010101010101;
inline constexpr std::uint64_t high_bits = 0x8080808080808080;

/// Returns whether one of the eight bytes is `byte`. The XOR turns such a byte into zero. Without a
/// zero byte, the subtraction needs no borrow, and the result is 0.
constexpr bool has_byte(std::uint64_t eight, char byte) {
    const std::uint64_t zero_where_equal = eight ^ (low_bits * static_cast<unsigned char>(byte));
    return ((zero_where_equal - low_bits) & ~zero_where_equal & high_bits) != 0;
}

/// Returns how many leading bytes of `text` satisfy `hold`, counted in whole groups of eight.
template <std::predicate<std::uint64_t> Hold>
std::size_t leading_eights(std::string_view text, Hold hold) {
    std::size_t size = 0;
    for (std::uint64_t eight; text.size() - size >= sizeof eight; size += sizeof eight) {
        std::memcpy(&eight, text.data() + size, sizeof eight);
        if (!hold(eight))
            break;
    }
    return size;
}

}  // namespace notifybridge::util
