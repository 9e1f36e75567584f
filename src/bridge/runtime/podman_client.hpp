#pragma once

#include <string>
#include <vector>

namespace notifybridge::runtime {

/// Returns the command line of the podman that is creating a container, for the runtime that conmon
/// calls. conmon's parent has ended. But conmon reports to podman over a pair of sockets, and the
/// kernel remembers which process created the pair. Returns nothing if this is not known.
std::vector<std::string> podman_of_runtime();

/// Returns the same for a hook, which podman itself calls.
std::vector<std::string> podman_of_hook();

}  // namespace notifybridge::runtime
