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

/// A unit that is not up though this one is BindsTo= and After= it; null: none (systemd.unit(5)).
const Unit* find_missing_bond(const Unit& unit);

}  // namespace notifybridge::manager
