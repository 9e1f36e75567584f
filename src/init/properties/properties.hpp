#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "init/manager/engine.hpp"

namespace notifybridge::properties {

struct Household;

/// Called with each property, in the order and form in which `systemctl show` prints them.
using AddProperty = std::function<void(std::string_view name, const std::string& value)>;

/// All that there is to say of a unit: where it stands, and what its files say.
void show_unit(const manager::Unit& unit, Household& household, const AddProperty& add);

/// The same of the manager itself.
void show_manager(const manager::Engine& engine, Household& household, const AddProperty& add);

/// Description=, or the unit's name.
std::string description_of(const manager::Unit& unit);

}  // namespace notifybridge::properties
