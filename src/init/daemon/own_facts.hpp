#pragma once

#include <string>

#include "init/unit/specifier.hpp"

namespace notifybridge::daemon {

/// Returns the facts of this manager. With a `root`, returns the directories of the system manager
/// below `root`, for any user. Without a `root`, also sets up the machine id if this is PID 1.
unit::Facts own_facts(const std::string& root);

/// Returns the path of the system bus: $DBUS_SYSTEM_BUS_ADDRESS, or else the usual one below the
/// runtime directory.
std::string system_bus_path(const unit::Facts& facts);

}  // namespace notifybridge::daemon
