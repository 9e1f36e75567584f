#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// Opens a reference to the process `pid`. Returns ESRCH if the process does not exist. The
/// reference is empty if the kernel has no pidfds (gVisor) or a container's filter refuses them. In
/// this case, the caller has only the pid.
Result<UniqueFd> open_pidfd(pid_t pid);

/// Sends a signal to the process `pid`, through `pidfd` if possible.
bool send_signal(pid_t pid, Fd pidfd, int signal) noexcept;

/// Returns whether the process of `pidfd` has ended. If so, another process may have the same pid.
bool has_ended(Fd pidfd) noexcept;

/// Returns the id of the process of `pidfd`, which is unique until the next boot. The id is the
/// inode on pidfs. Returns nullopt before Linux 6.9, because older kernels have no pidfs.
std::optional<std::uint64_t> pidfd_id(Fd pidfd) noexcept;

/// Duplicates descriptor `number` of the process of `pidfd` (pidfd_getfd(2), Linux 5.6). The caller
/// must have the right to trace the process. A parent has this right by default.
Result<UniqueFd> copy_descriptor(Fd pidfd, int number);

}  // namespace notifybridge::system
