#pragma once

#include "init/answers/properties/settings_properties.hpp"

namespace notifybridge::properties {

/// Shows the properties of units that run processes (systemd.resource-control(5), systemd.exec(5),
/// systemd.kill(5)), in the order of `systemctl show --all`. Removes the shown values from
/// `states`. Directives that we do not honour are shown with the value in the unit's files, or else
/// with systemd's default.
void show_process_settings(const load::LoadedUnit& unit, AddProperty add, RunOf run_of,
                           States& states);

/// Returns the list of these properties, one per line. A line is "NAME=DEFAULT", or "NAME" if the
/// value comes from a row of the directives or from the unit's state.
std::string_view process_properties() noexcept;

}  // namespace notifybridge::properties
