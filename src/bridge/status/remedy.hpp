#pragma once

#include <string>
#include <string_view>

#include "bridge/status/symptoms.hpp"

/// Says where to make a change, depending on how the unit starts its container.
namespace notifybridge::status {

/// How an option of ours is given: in ExecStart=, or in a .container file.
std::string give_option(const Symptoms& symptoms, std::string_view option);

/// Returns how to edit ExecStart= or the .container file, such as `` `systemctl edit --full X` ``.
std::string how_to_edit(const Symptoms& symptoms);

/// How a setting of the unit is changed: "set KillMode=mixed (`systemctl edit X`)".
std::string set_setting(const Symptoms& symptoms, std::string_view setting);

/// `` `systemctl VERB X` ``, with --user for a user's unit.
std::string systemctl_command(const UnitFacts& unit, std::string_view verb);

/// `` `journalctl -u X` ``
std::string journalctl_command(const UnitFacts& unit);

}  // namespace notifybridge::status
