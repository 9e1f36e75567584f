#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace notifybridge::util {

namespace detail {

inline void append(std::string& out, std::string_view part) {
    out += part;
}

inline void append(std::string& out, char part) {
    out += part;
}

template <std::integral Number>
void append(std::string& out, Number part) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, part).ptr);
}

}  // namespace detail

/// The text of all parts, one after the other: strings, characters and integers (in decimal).
template <typename... Parts>
std::string concat(const Parts&... parts) {
    std::string out;
    (detail::append(out, parts), ...);
    return out;
}

}  // namespace notifybridge::util
