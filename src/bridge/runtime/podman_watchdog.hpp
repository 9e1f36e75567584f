#pragma once

#include <string>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// Returns the WATCHDOG_USEC that podman has from its unit, or an empty string if there is none, or
/// if it is another process that has to ping. podman passes it to no container. `variables` are
/// those of podman, or of a runtime: podman 5 has its runtimes inherit them.
std::string podman_watchdog(const Variables& variables);

/// The same for a hook, which inherits nothing: reads the variables of our parent, which is podman.
std::string podman_watchdog_of_hook();

}  // namespace notifybridge::runtime
