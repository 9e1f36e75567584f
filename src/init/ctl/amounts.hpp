#pragma once

#include <cstdint>
#include <string>

#include "init/ctl/context.hpp"

/// Amounts as systemctl says them to people.
namespace notifybridge::ctl {

/// How long ago that was, or will be, as systemctl says it: "5s ago", "1min 30s left", "3 days
/// ago". Times are microseconds of one clock.
std::string relative(std::uint64_t now, std::uint64_t then);

/// "Fri 2026-11-20 17:40:18 UTC" of microseconds since 1970, or what the style makes of it.
std::string to_timestamp(std::uint64_t realtime, const TimestampStyle& style);

/// "1.5M": bytes by 1024, with a digit after the point that is not rounded.
std::string size_text(std::uint64_t bytes);

}  // namespace notifybridge::ctl
