#pragma once

#include <cstdint>
#include <string>

#include "init/ctl/context.hpp"

/// Amounts in the format that systemctl shows to people.
namespace notifybridge::ctl {

/// Returns the time from `then` to `now` as systemctl shows it: "5s ago", "1min 30s left", "3 days
/// ago". Times are microseconds of the same clock.
std::string relative(std::uint64_t now, std::uint64_t then);

/// Formats microseconds since 1970 in this style, by default as "Fri 2026-11-20 17:40:18 UTC".
std::string to_timestamp(std::uint64_t realtime, const TimestampStyle& style);

/// Returns "1.5M": a size in powers of 1024, with one decimal that is cut and not rounded.
std::string size_text(std::uint64_t bytes);

}  // namespace notifybridge::ctl
