#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Numbers as systemd reads them from environments and datagrams (safe_atou64, safe_atoi): with
/// white space and a sign in front, in decimal or in the base that 0x, 0o, 0b or 0 tells. Nothing
/// where `text` is none, or one that does not fit.
namespace notifybridge::util {

std::optional<std::uint64_t> parse_lenient_unsigned(std::string_view text);
std::optional<int> parse_lenient_int(std::string_view text);

}  // namespace notifybridge::util
