#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/system/fd.hpp"
#include "base/system/file.hpp"

namespace notifybridge::relay {

/// What a container says of the `wrap` in it, and the file whose life lock (take_life_lock) this
/// one holds: by that its word is checked.
struct ContainerClaim {
    std::uint64_t pid_namespace = 0;  ///< Inode of the pid namespace that it is in.
    pid_t wrap = 0;                   ///< Its pid in there.
    system::FileIdentity file;
};

/// A process of a container by its pid here, which is its own for as long as `pidfd` is open and
/// not readable.
struct ContainerProcess {
    pid_t pid = 0;
    system::UniqueFd pidfd;
};

/// The process that the container calls `pid`: its `wrap`, or one below it, which all that it
/// starts are. Nothing where there is none, where the claim does not hold, or where /proc does not
/// say, as we may not look at other users' processes.
std::optional<ContainerProcess> find_in_container(const ContainerClaim& claim, pid_t pid);

}  // namespace notifybridge::relay
