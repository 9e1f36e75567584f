#pragma once

#include <functional>
#include <map>
#include <string>

#include "init/directive/print.hpp"
#include "init/load/load.hpp"

namespace notifybridge::properties {

using directive::AddProperty;
using directive::CommandRun;
using directive::RunOf;

/// The properties that do not depend on a directive alone, by their names. A property may have
/// several values.
using States = std::multimap<std::string, std::string, std::less<>>;

/// Shows the settings of a unit's files in the order of `systemctl show --all`, with `states` in
/// their places. Properties of `states` that have no place come last.
void show_settings(const load::LoadedUnit& unit, const AddProperty& add, const RunOf& run_of = {},
                   States states = {});

/// Adds the missing properties that units of all types have, without a value.
void complete(States& states);

/// Returns the value of Description=. If it is not set, returns the unit's name.
const std::string& description_of(const load::LoadedUnit& unit);

}  // namespace notifybridge::properties
