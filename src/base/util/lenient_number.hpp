#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

/// Parses numbers as systemd does in environments and datagrams (safe_atou64, safe_atoi). White
/// space and a sign may come first. The base is 10, unless 0x, 0o, 0b or 0 selects another. The
/// parse_ functions return nullopt if `text` is not a number or does not fit.
namespace notifybridge::util {

/// The result of parsing an unsigned number: the value, `invalid_argument` or
/// `result_out_of_range`. A negative number is out of range.
struct LenientUnsigned {
    std::uint64_t value = 0;
    std::errc error{};  ///< Empty if `value` is valid.
};
LenientUnsigned read_lenient_unsigned(std::string_view text);

std::optional<std::uint64_t> parse_lenient_unsigned(std::string_view text);
std::optional<int> parse_lenient_int(std::string_view text);

}  // namespace notifybridge::util
