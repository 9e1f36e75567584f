#pragma once

#include "init/manager/engine_state.hpp"

/// Decides which units are forgotten until they are requested again: ended units that no other unit
/// refers to, directly or through others (systemd.unit(5), UNIT GARBAGE COLLECTION).
namespace notifybridge::manager {

void forget_suspects(EngineState& engine);

/// Removes a unit, whatever refers to it.
void forget(EngineState& engine, Unit& unit);

}  // namespace notifybridge::manager
