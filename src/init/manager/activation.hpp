#pragma once

#include "init/manager/engine_state.hpp"

namespace notifybridge::manager {

/// Asks a unit to start. Its state, conditions, asserts and start limit must allow it, and the
/// units that it is bound to must be up (systemd.unit(5)).
Verdict activate(EngineState& engine, Unit& unit);
Verdict deactivate(Unit& unit);
Verdict reload(Unit& unit);

/// Returns a unit that is not up, although `unit` is bound to it and ordered after it. Returns null
/// if there is none (systemd.unit(5)).
const Unit* find_missing_bond(const Unit& unit);

}  // namespace notifybridge::manager
