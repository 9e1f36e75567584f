#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/ctl/context.hpp"

/// Sends the requests of `shutdown` and `runlevel` to the manager.
namespace notifybridge::ctl {

/// Returns the time (µs since 1970) that an argument of shutdown(8) specifies: "now" (0), "+5", "5"
/// (minutes) or "23:30" (the next such time). `now` is the current time. Returns nullopt if the
/// argument is not valid.
std::optional<std::uint64_t> parse_shutdown_time(std::string_view text, std::uint64_t now);

/// Plans the end of the system at `realtime`, and prints that time on standard error.
void plan_end(const Context& context, bool is_dry, std::uint64_t realtime);

/// Cancels the planned end of the system, if there is one.
void cancel_planned_end(const Context& context);

/// Prints the planned end of the system on standard error. Throws Failure if no end is planned.
void show_planned_end(const Context& context);

/// Returns the runlevel that corresponds to the active targets (runlevel(8)). Returns 0 if no
/// runlevel corresponds to them.
char runlevel(const Context& context);

}  // namespace notifybridge::ctl
