#pragma once

#include <string>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// Returns the WATCHDOG_USEC that podman has from its unit. Returns an empty text if there is none,
/// or if another process must ping. podman does not pass the variable to containers. `variables`
/// are those of podman, or those of a runtime, because podman 5 passes its variables to its
/// runtimes.
std::string podman_watchdog(Variables variables);

/// Like `podman_watchdog`, but for a hook. A hook inherits no variables, so this function reads the
/// variables of our parent, podman.
std::string podman_watchdog_of_hook();

}  // namespace notifybridge::runtime
