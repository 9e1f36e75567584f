#pragma once

#include "init/manager/engine_state.hpp"

/// Decides which units are forgotten, to be read again when somebody asks for them: those that have
/// ended and are not reachable from a unit that has not (systemd.unit(5), UNIT GARBAGE COLLECTION).
namespace notifybridge::manager {

void forget_suspects(EngineState& engine);

/// Removes a unit, whatever refers to it.
void forget(EngineState& engine, Unit& unit);

}  // namespace notifybridge::manager
