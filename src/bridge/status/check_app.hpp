#pragma once

#include <string_view>

#include "base/system/clock.hpp"
#include "bridge/diagnosis/finding.hpp"
#include "bridge/status/overview.hpp"

/// Checks what a running app and its `wrap` report. Pure.
namespace notifybridge::status {

/// Reports pings that are missing or too late. `now` is the time when `overview` was read.
void check_watchdog(diagnosis::Findings& found, const Overview& overview, bool is_run,
                    system::Moment now);

/// Reports a health check that has failed too often.
void check_health(diagnosis::Findings& found, const Overview& overview);

/// Reports connections of --proxy that had to wait, or that the app did not accept.
void check_connections(diagnosis::Findings& found, const Overview& overview);

/// Reports messages that `wrap` or `wait` (`by`) has dropped.
void check_drops(diagnosis::Findings& found, const notify::DropCounters& drops,
                 std::string_view by);

}  // namespace notifybridge::status
