#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Texts that are looked at eight bytes at once, as one number. What is found in such a number is
/// found in whichever byte of it, so their order does not count.
namespace notifybridge::util {

inline constexpr std::uint64_t low_bits = 0x0101010101010101;
inline constexpr std::uint64_t high_bits = 0x8080808080808080;

/// Whether one of the eight is `byte`: the only one from which a borrow comes is 0.
constexpr bool has_byte(std::uint64_t eight, char byte) {
    const std::uint64_t zero_where_equal = eight ^ (low_bits * static_cast<unsigned char>(byte));
    return ((zero_where_equal - low_bits) & ~zero_where_equal & high_bits) != 0;
}

/// How many bytes `text` begins with of which all eight `hold`, to the last whole eight.
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
