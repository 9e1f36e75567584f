#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/diagnosis/symptoms.hpp"

/// Describes where to change a setting, which depends on how the unit starts its container.
namespace notifybridge::diagnosis {

/// Returns how to give one of our options: in ExecStart=, or in a .container file.
std::string give_option(const Symptoms& symptoms, std::string_view option);

/// Returns how to correct one of our options: "change the option to --proxy=… in ExecStart= (…)".
std::string change_option(const Symptoms& symptoms, std::string_view option);

/// Returns how to edit ExecStart= or the .container file, such as `` `systemctl edit --full X` ``.
std::string how_to_edit(const Symptoms& symptoms);

/// Returns the name of the .socket unit that starts this service, or should start it.
std::string socket_of(const UnitFacts& unit);

/// Returns `` `systemctl VERB NAMES` `` for .socket or .timer units of this service, with --user
/// for a user's units.
std::string trigger_command(const UnitFacts& unit, std::string_view verb,
                            const std::vector<std::string>& names);

/// Returns how to edit or create the .socket unit of this service.
std::string how_to_edit_socket(const UnitFacts& unit);

/// Returns how to change a setting of the unit: "set KillMode=mixed (`systemctl edit X`)".
std::string set_setting(const Symptoms& symptoms, std::string_view setting);

/// Returns `` `systemctl VERB X` ``, with --user for a user's unit.
std::string systemctl_command(const UnitFacts& unit, std::string_view verb);

/// Returns `` `journalctl -u X` ``. `name` is another unit of the same manager.
std::string journalctl_command(const UnitFacts& unit, std::string_view name = {});

}  // namespace notifybridge::diagnosis
