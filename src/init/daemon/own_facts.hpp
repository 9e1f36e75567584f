#pragma once

#include <string>

#include "init/daemon/role.hpp"
#include "init/files/unit/specifier.hpp"

namespace notifybridge::daemon {

/// Returns the facts of this manager. If `root` is not empty, the directories are those of a system
/// manager below `root`, even if the user is not root. The manager of a container also sets up the
/// machine id.
unit::Facts own_facts(const std::string& root, Role role);

/// Returns the path of the system bus. This is the path in $DBUS_SYSTEM_BUS_ADDRESS, or else the
/// usual path below the runtime directory.
std::string system_bus_path(const unit::Facts& facts);

}  // namespace notifybridge::daemon
