#pragma once

#include "init/dbus/queries.hpp"

/// org.freedesktop.DBus.Properties.
namespace notifybridge::dbus {

Answer get_property(const Question& question);
Answer get_all_properties(const Question& question);
/// No property can be set.
Answer set_property(const Question& question);

/// Returns the values of PropertiesChanged for what may change while a unit runs: first those of
/// the interface of all units, then those of its type, if there are any.
std::vector<Answer> changed_properties(const manager::Unit& unit, properties::Daemon& daemon);

}  // namespace notifybridge::dbus
