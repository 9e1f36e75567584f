#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

/// What the files of properties are written with.
namespace notifybridge::properties {

/// The word of an enumeration's value, of all its words in its order.
template <typename Enumeration>
std::string word(Enumeration value, std::span<const std::string_view> words) {
    return std::string(words[static_cast<std::size_t>(value)]);
}

/// An access mode or a mask: "0755".
inline std::string octal(unsigned mode) {
    std::string text = "0000";
    for (std::size_t at = 4; at-- > 0; mode >>= 3)
        text[at] = static_cast<char>('0' + (mode & 7));
    return text;
}

}  // namespace notifybridge::properties
