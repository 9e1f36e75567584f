#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

/// Reads numbers as systemd reads them from environments and datagrams (safe_atou64, safe_atoi):
/// with leading white space and a sign, in decimal or in the base that 0x, 0o, 0b or 0 selects.
/// Returns nullopt if `text` is not a number or does not fit.
namespace notifybridge::util {

/// A number, or why there is none: `invalid_argument`, or `result_out_of_range`, also for a
/// negative number.
struct LenientUnsigned {
    std::uint64_t value = 0;
    std::errc error{};  ///< Empty if `value` is valid.
};
LenientUnsigned read_lenient_unsigned(std::string_view text);

std::optional<std::uint64_t> parse_lenient_unsigned(std::string_view text);
std::optional<int> parse_lenient_int(std::string_view text);

}  // namespace notifybridge::util
