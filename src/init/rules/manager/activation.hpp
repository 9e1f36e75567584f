#pragma once

#include "init/rules/manager/engine_state.hpp"

namespace notifybridge::manager {

/// Starts the unit if its state, conditions, asserts and start limit allow a start. The units in
/// BindsTo= must be up if the unit is also ordered after them (systemd.unit(5)). Returns the
/// outcome.
Verdict activate(EngineState& engine, Unit& unit);
Verdict deactivate(Unit& unit);
Verdict reload(Unit& unit);

/// Returns whether the unit is a mount unit whose directory is a mount point. The unit counts as
/// started, even if it has no file, because systemd creates mount units from /proc/self/mountinfo.
bool is_mounted(Surroundings& surroundings, const Unit& unit);

/// Returns a unit that `unit` is bound to and ordered after, and that is not up. Returns null if
/// all such units are up (systemd.unit(5)).
const Unit* find_missing_bond(const Unit& unit);

}  // namespace notifybridge::manager
