#pragma once

#include <string>
#include <vector>

namespace notifybridge::runtime {

/// Returns the command line of the podman that is creating a container. Call this in a runtime that
/// conmon has called. Podman is not an ancestor of the runtime, because conmon's parent has ended.
/// But conmon reports to podman over a pair of sockets, and the kernel remembers which process
/// created the pair. Returns nothing if podman is not found.
std::vector<std::string> podman_of_runtime();

/// Like `podman_of_runtime`, but for a hook, which podman itself calls.
std::vector<std::string> podman_of_hook();

}  // namespace notifybridge::runtime
