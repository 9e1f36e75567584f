#pragma once

#include "init/rules/manager/engine_state.hpp"

namespace notifybridge::manager {

/// Adds the edges of a loaded unit: those that its files name, those that follow from other
/// settings, and those of DefaultDependencies=.
///
/// The rules are in "Implicit" and "Default Dependencies" in systemd.unit(5), systemd.service(5),
/// systemd.socket(5) and systemd.target(5). Adds no edges to slices and mounts, because a container
/// has no slices or mounts of its own.
void add_dependencies(EngineState& engine, Unit& unit);

/// Orders a target after the units that it pulls in, unless this contradicts an existing order
/// (systemd.target(5)). Must be called after the units at both ends of the edges are loaded.
void add_order_of_targets(Unit& unit);

}  // namespace notifybridge::manager
