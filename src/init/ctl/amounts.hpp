#pragma once

#include <cstdint>
#include <string>

#include "init/ctl/context.hpp"

/// Formats amounts as systemctl shows them to people.
namespace notifybridge::ctl {

/// Returns the time from `then` to `now` as systemctl shows it: "5s ago", "1min 30s left", "3 days
/// ago". Times are microseconds of the same clock.
std::string relative(std::uint64_t now, std::uint64_t then);

/// Formats microseconds since 1970 in the given style. The default style is "Fri 2026-11-20
/// 17:40:18 UTC".
std::string to_timestamp(std::uint64_t realtime, const TimestampStyle& style);

/// Returns a size in powers of 1024, such as "1.5M". The number has one decimal, and is truncated,
/// not rounded.
std::string size_text(std::uint64_t bytes);

}  // namespace notifybridge::ctl
