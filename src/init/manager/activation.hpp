#pragma once

#include "init/manager/engine_state.hpp"

namespace notifybridge::manager {

/// Asks a unit to start if its state, its conditions and asserts, the units that it is bound to,
/// and its start limit allow it (systemd.unit(5)).
Verdict activate(EngineState& engine, Unit& unit);
Verdict deactivate(Unit& unit);
Verdict reload(Unit& unit);

/// Returns a unit that it is bound to and ordered after, and that is not up; null if there is none
/// (systemd.unit(5)).
const Unit* find_missing_bond(const Unit& unit);

}  // namespace notifybridge::manager
