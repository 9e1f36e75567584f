#pragma once

#include <string>

#include "base/system/clock.hpp"
#include "bridge/diagnosis/unit.hpp"

namespace notifybridge::diagnosis {

/// Returns whether the main process ends when the app is ready (--until=ready).
bool waits_until_ready(const UnitFacts& unit);

/// Returns whether the unit does some work and ends. Nobody waits for READY=1 of such a unit, so it
/// needs no messages. Its type is oneshot, or else a timer starts it and systemd does not wait.
bool is_job(const UnitFacts& unit);

/// Returns the date when a .timer unit starts its service next, in systemd's format. Returns an
/// empty text if the timer has no such date.
std::string next_start(const UnitFacts& timer, system::Moment now);

}  // namespace notifybridge::diagnosis
