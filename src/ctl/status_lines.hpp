#pragma once

#include <string>
#include <vector>

#include "ctl/properties.hpp"

namespace notifybridge::ctl {

/// What `status` says of a unit, but for its log. `now` is read from the clock.
std::vector<std::string> status_lines(const Properties& unit, bool has_colour);

/// What it says of the manager and all units together.
std::vector<std::string> system_lines(const Properties& manager);

/// The dot, circle or cross of this ActiveState.
std::string_view mark(std::string_view active);

/// How long ago that was, as systemctl says it: "5s ago", "1min 30s ago", "3 days ago". Times are
/// microseconds of one clock.
std::string ago(std::uint64_t now, std::uint64_t then);

/// What an Exec property says of one command that ended: "29 ExecStartPre=/bin/true (code=exited,
/// status=0/SUCCESS)". Empty where it did not run, or still runs.
std::string ended_process(std::string_view property, std::string_view command);

}  // namespace notifybridge::ctl
