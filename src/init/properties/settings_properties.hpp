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

/// Properties that no directive decides alone, by their names. One may have several values.
using States = std::multimap<std::string, std::string, std::less<>>;

/// Shows the settings of a unit's files in the order of `systemctl show --all`, with `states` at
/// their places. States without a place come last.
void show_settings(const load::LoadedUnit& unit, const AddProperty& add, const RunOf& run_of = {},
                   States states = {});

/// Adds, without a value, the properties that units of all types have and that are not there.
void complete(States& states);

/// Description=, or the unit's name.
const std::string& description_of(const load::LoadedUnit& unit);

}  // namespace notifybridge::properties
