#include "util/lenient_number.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string>

namespace notifybridge::util {
namespace {

struct Digits {
    std::string text;
    int base;
};

/// What is left for strtoull(3), which does not know all prefixes itself.
Digits without_prefix(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n\r"), text.size()));
    const std::string_view prefix = text.substr(0, 2);
    const int base = prefix == "0b" || prefix == "0B"   ? 2
                     : prefix == "0o" || prefix == "0O" ? 8
                                                        : 0;
    return {std::string(base == 0 ? text : text.substr(2)), base};
}

/// All of the text by `convert`, which is strtoull(3) or one of its kind. Nothing, and errno, where
/// it is no number.
template <typename Number>
std::optional<Number> convert_all(const Digits& digits,
                                  Number (*convert)(const char*, char**, int)) {
    const char* const begin = digits.text.c_str();
    char* end = nullptr;
    errno = 0;
    const Number value = convert(begin, &end, digits.base);
    if (errno == 0 && (end == begin || end != begin + digits.text.size()))
        errno = EINVAL;
    if (errno != 0)
        return std::nullopt;
    return value;
}

}  // namespace

LenientUnsigned read_lenient_unsigned(std::string_view text) {
    const Digits digits = without_prefix(text);
    const auto value = convert_all(digits, std::strtoull);
    if (!value)
        return {0, static_cast<std::errc>(errno)};
    // strtoull(3) would take it for a number near its end.
    if (*value != 0 && digits.text.starts_with('-'))
        return {0, std::errc::result_out_of_range};
    return {*value, {}};
}

std::optional<std::uint64_t> parse_lenient_unsigned(std::string_view text) {
    const LenientUnsigned read = read_lenient_unsigned(text);
    return read.error == std::errc{} ? std::optional(read.value) : std::nullopt;
}

std::optional<int> parse_lenient_int(std::string_view text) {
    using Limits = std::numeric_limits<int>;
    const auto value = convert_all(without_prefix(text), std::strtol);
    if (!value || *value < Limits::min() || *value > Limits::max())
        return std::nullopt;
    return static_cast<int>(*value);
}

}  // namespace notifybridge::util
