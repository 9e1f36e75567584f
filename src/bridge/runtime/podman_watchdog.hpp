#pragma once

#include <string>

#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// Returns the WATCHDOG_USEC that podman has from its unit. Returns an empty string if there is
/// none, or if another process has to ping. podman passes the variable to no container. `variables`
/// are those of podman or of a runtime: podman 5 passes its own on to its runtimes.
std::string podman_watchdog(const Variables& variables);

/// Returns the same for a hook, which inherits no variables: reads those of our parent, which is
/// podman.
std::string podman_watchdog_of_hook();

}  // namespace notifybridge::runtime
