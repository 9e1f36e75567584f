#pragma once

#include "init/manager/engine.hpp"
#include "init/properties/settings_properties.hpp"

namespace notifybridge::properties {

struct Household;

/// All that there is to say of a unit: where it stands, and what its files say.
void show_unit(const manager::Unit& unit, Household& household, const AddProperty& add);

/// The same of the manager itself.
void show_manager(const manager::Engine& engine, Household& household, const AddProperty& add);

}  // namespace notifybridge::properties
