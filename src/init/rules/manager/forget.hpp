#pragma once

#include "init/rules/manager/engine_state.hpp"

/// Decides which units are forgotten until they are requested again. A unit is forgotten if it has
/// ended and no other unit refers to it, directly or through others (systemd.unit(5), UNIT GARBAGE
/// COLLECTION).
namespace notifybridge::manager {

void forget_suspects(EngineState& engine);

/// Removes a unit, even if other units refer to it.
void forget(EngineState& engine, Unit& unit);

}  // namespace notifybridge::manager
