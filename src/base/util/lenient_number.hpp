#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

/// Numbers as systemd reads them from environments and datagrams (safe_atou64, safe_atoi): with
/// white space and a sign in front, in decimal or in the base that 0x, 0o, 0b or 0 tells. Nothing
/// where `text` is none, or one that does not fit.
namespace notifybridge::util {

/// The same, and why there is none: `invalid_argument` or `result_out_of_range`, which a negative
/// one is too.
struct LenientUnsigned {
    std::uint64_t value = 0;
    std::errc error{};  ///< Empty where `value` is the number.
};
LenientUnsigned read_lenient_unsigned(std::string_view text);

std::optional<std::uint64_t> parse_lenient_unsigned(std::string_view text);
std::optional<int> parse_lenient_int(std::string_view text);

}  // namespace notifybridge::util
