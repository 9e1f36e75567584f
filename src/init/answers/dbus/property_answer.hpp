#pragma once

#include "init/answers/dbus/queries.hpp"

/// Answers the calls of org.freedesktop.DBus.Properties.
namespace notifybridge::dbus {

Answer get_property(const Question& question);
Answer get_all_properties(const Question& question);
/// Returns an error, because we support no property that clients can set.
Answer set_property(const Question& question);

/// Returns the values of PropertiesChanged for the properties that may change while a unit runs.
/// The answer for the interface of all units comes first. The answer for the interface of the
/// unit's type follows if there is one.
std::vector<Answer> changed_properties(const manager::Unit& unit, properties::Daemon& daemon);

}  // namespace notifybridge::dbus
