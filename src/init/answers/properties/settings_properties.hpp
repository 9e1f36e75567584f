#pragma once

#include <map>
#include <string>

#include "init/files/directive/print.hpp"
#include "init/files/load/load.hpp"

namespace notifybridge::properties {

using directive::AddProperty;
using directive::CommandRun;
using directive::RunOf;

/// The properties whose values do not come from a directive alone, such as ActiveState, by their
/// names. A property may have several values.
using States = std::multimap<std::string, std::string, std::less<>>;

/// Shows the settings of a unit's files in the order of `systemctl show --all`. Inserts the
/// properties in `states` at their positions in this order. Properties that have no position come
/// last.
void show_settings(const load::LoadedUnit& unit, AddProperty add, RunOf run_of = {},
                   States states = {});

/// Adds an empty value to `states` for each missing property that all unit types have. Skips the
/// properties that a directive prints.
void complete(States& states);

/// Returns the value of Description=, or the unit's name if Description= is not set.
const std::string& description_of(const load::LoadedUnit& unit);

}  // namespace notifybridge::properties
