#pragma once

#include <sys/types.h>

#include "bridge/status/finding.hpp"
#include "bridge/status/start_command.hpp"
#include "bridge/status/unit.hpp"

/// Pure: what a unit's settings and state mean for a bridge.
namespace notifybridge::status {

/// Judges the unit that `waiter` runs in. `has_command` is set if the unit starts the container
/// itself.
void judge_unit(Findings& found, const UnitFacts& unit, pid_t waiter, const StartCommand& command,
                bool has_command);

/// Judges a unit that runs, and names a directory that no `wait` holds.
void judge_idle_unit(Findings& found, const UnitFacts& unit);

/// Reports if PrivateTmp= gives the unit another directory at this absolute path.
void judge_private_tmp(Findings& found, const UnitFacts& unit, std::string_view directory);

}  // namespace notifybridge::status
