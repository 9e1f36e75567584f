#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace notifybridge::util {

/// Parses the whole of `text` as a number. Returns nullopt if `text` is empty, contains anything
/// but digits (and a leading minus sign for signed types), or does not fit.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

}  // namespace notifybridge::util
