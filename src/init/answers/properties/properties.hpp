#pragma once

#include "init/answers/properties/settings_properties.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::properties {

struct Daemon;

/// Shows all properties of a unit: its state, and the settings of its files.
void show_unit(const manager::Unit& unit, Daemon& daemon, AddProperty add);

/// Shows the properties that can change while the unit's files stay the same. These are states,
/// times, the job, and the state that only units of its type have.
void show_changing(const manager::Unit& unit, Daemon& daemon, AddProperty add);

/// Shows the properties of the manager in the order of systemd. Includes only the properties that
/// we track, and those that are the same in each container.
void show_manager(const manager::Engine& engine, Daemon& daemon, AddProperty add);

}  // namespace notifybridge::properties
