#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace notifybridge::util {

/// The whole of `text` as a number; nothing where any of it is not a digit (or a leading minus sign
/// of a signed type), where there is none, or where the value does not fit.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

}  // namespace notifybridge::util
