#pragma once

#include <sys/types.h>

#include "bridge/status/finding.hpp"
#include "bridge/status/start_command.hpp"
#include "bridge/status/unit.hpp"

/// Pure: what a unit's settings and state mean for a bridge.
namespace notifybridge::status {

/// Of the unit that `waiter` runs in; `has_command` where it starts the container itself.
void judge_unit(Findings& found, const UnitFacts& unit, pid_t waiter, const StartCommand& command,
                bool has_command);

/// Judges a unit that runs, and names a directory that no `wait` has.
void judge_idle_unit(Findings& found, const UnitFacts& unit);

/// Of the same: whether the directory, by its absolute path, is another one to the unit.
void judge_private_tmp(Findings& found, const UnitFacts& unit, std::string_view directory);

}  // namespace notifybridge::status
