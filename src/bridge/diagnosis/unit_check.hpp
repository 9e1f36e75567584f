#pragma once

#include <sys/types.h>

#include "bridge/diagnosis/finding.hpp"
#include "bridge/diagnosis/start_command.hpp"
#include "bridge/diagnosis/unit.hpp"

/// Judges what a unit's settings and state mean for a bridge. Pure.
namespace notifybridge::diagnosis {

/// Judges the unit in which `waiter` runs. `has_command` is true if the unit starts the container
/// itself.
void judge_unit(Findings& found, const UnitFacts& unit, pid_t waiter, const StartCommand& command,
                bool has_command);

/// Reports a running unit that names a directory that no `wait` has locked.
void judge_idle_unit(Findings& found, const UnitFacts& unit);

/// Reports that the unit sees another directory at the absolute path `directory`, if PrivateTmp=
/// causes this.
void judge_private_tmp(Findings& found, const UnitFacts& unit, std::string_view directory);

/// Reports a file of the unit that was changed and that systemd has not read again.
void judge_file(Findings& found, const UnitFacts& unit);

}  // namespace notifybridge::diagnosis
