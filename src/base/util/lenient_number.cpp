#include "base/util/lenient_number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace notifybridge::util {
namespace {

/// A number of any size, before the caller limits its range.
struct Signed {
    bool is_negative = false;
    std::uint64_t magnitude = 0;
    std::errc error{};  ///< Empty if `magnitude` is valid.
};

void skip(std::string_view& text, std::string_view letters) {
    text.remove_prefix(std::min(text.find_first_not_of(letters), text.size()));
}

bool skip_prefix(std::string_view& text, std::string_view one, std::string_view other) {
    const bool is_there = text.starts_with(one) || text.starts_with(other);
    if (is_there)
        text.remove_prefix(one.size());
    return is_there;
}

/// Returns the base that strtoull(3) would choose, and removes a "0x" from the front of `text`.
int base_of(std::string_view& text) {
    if (skip_prefix(text, "0x", "0X"))
        return 16;
    return text.starts_with('0') ? 8 : 10;
}

/// Parses like systemd, which handles 0b and 0o before white space and the sign, and calls
/// strtoull(3) for the remaining text. We do not call strtoull(3), because glibc 2.38 and later
/// accept 0b after a sign. The result must not depend on the glibc of the build machine.
Signed read_signed(std::string_view text) {
    skip(text, " \t\n\r");
    int base = skip_prefix(text, "0b", "0B") ? 2 : skip_prefix(text, "0o", "0O") ? 8 : 0;
    skip(text, " \t\n\v\f\r");
    Signed number;
    number.is_negative = text.starts_with('-');
    if (number.is_negative || text.starts_with('+'))
        text.remove_prefix(1);
    if (base == 0)
        base = base_of(text);
    const char* const all = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), all, number.magnitude, base);
    number.error = error == std::errc{} && end != all ? std::errc::invalid_argument : error;
    return number;
}

}  // namespace

LenientUnsigned read_lenient_unsigned(std::string_view text) {
    const Signed number = read_signed(text);
    if (number.error != std::errc{})
        return {0, number.error};
    if (number.is_negative && number.magnitude != 0)
        return {0, std::errc::result_out_of_range};
    return {number.magnitude, {}};
}

std::optional<std::uint64_t> parse_lenient_unsigned(std::string_view text) {
    const LenientUnsigned read = read_lenient_unsigned(text);
    return read.error == std::errc{} ? std::optional(read.value) : std::nullopt;
}

std::optional<int> parse_lenient_int(std::string_view text) {
    const Signed number = read_signed(text);
    const std::uint64_t most =
        std::uint64_t{std::numeric_limits<int>::max()} + (number.is_negative ? 1 : 0);
    if (number.error != std::errc{} || number.magnitude > most)
        return std::nullopt;
    const auto value = static_cast<std::int64_t>(number.magnitude);
    return static_cast<int>(number.is_negative ? -value : value);
}

}  // namespace notifybridge::util
