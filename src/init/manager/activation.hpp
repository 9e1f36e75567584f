#pragma once

#include "init/manager/state.hpp"

namespace notifybridge::manager {

class Engine;
class Unit;

/// Asks a unit to start, once its state, its conditions and asserts, what it is bound to and its
/// start limit let it (systemd.unit(5)).
Verdict activate(Engine& engine, Unit& unit);
Verdict deactivate(Unit& unit);
Verdict reload(Unit& unit);

/// Whether what the unit is bound to, and ordered after, is up (systemd.unit(5), BindsTo=).
const Unit* find_missing_bond(const Unit& unit);

}  // namespace notifybridge::manager
