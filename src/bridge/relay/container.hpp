#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"

namespace notifybridge::relay {

/// A container's claim about its `wrap`, and the file that proves the claim: `wrap` holds the
/// file's life lock (take_life_lock).
struct ContainerClaim {
    std::uint64_t pid_namespace = 0;  ///< The inode of the container's pid namespace.
    pid_t wrap = 0;                   ///< The pid of `wrap` in that namespace.
    system::FileIdentity file;
};

/// A process of a container. `pid` is the pid of this process in our namespace. The pid is valid
/// while `pidfd` is open and not readable.
struct ContainerProcess {
    pid_t pid = 0;
    system::UniqueFd pidfd;
};

/// Returns the process whose pid in the container is `pid`. The process must be `wrap` or a
/// descendant of `wrap`. Returns nullopt if this process does not exist, if the claim is false, or
/// if /proc does not show other users' processes.
std::optional<ContainerProcess> find_in_container(const ContainerClaim& claim, pid_t pid);

}  // namespace notifybridge::relay
