#pragma once

#include "init/manager/engine_state.hpp"

namespace notifybridge::manager {

/// Adds the edges of a loaded unit: those that its files name, those that follow from other
/// settings, and those of DefaultDependencies= (systemd.unit(5), systemd.service(5),
/// systemd.socket(5), systemd.target(5): "Implicit" and "Default Dependencies"). Leaves out slices
/// and mounts: a container has none.
void add_dependencies(EngineState& engine, Unit& unit);

/// Orders a target after the units that it pulls in, unless that contradicts an existing order
/// (systemd.target(5)). Must be called when both sides are loaded.
void add_order_of_targets(Unit& unit);

}  // namespace notifybridge::manager
