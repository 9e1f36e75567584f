#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// Opens a reference to the process `pid`. Returns ESRCH if there is none. The reference is empty
/// if the kernel has none (gVisor) or a container's filter refuses it: then only the pid remains.
Result<UniqueFd> open_pidfd(pid_t pid);

/// Sends a signal to the process `pid`, through `pidfd` if possible.
bool send_signal(pid_t pid, Fd pidfd, int signal) noexcept;

/// Returns whether the process of `pidfd` has ended: its pid may belong to another one then.
bool has_ended(Fd pidfd) noexcept;

/// Returns the id of the process of `pidfd`, which is unique until the next boot. Returns nullopt
/// before Linux 6.9, whose pidfds are not yet on pidfs: the id is an inode of that.
std::optional<std::uint64_t> pidfd_id(Fd pidfd) noexcept;

/// Duplicates descriptor `number` of the process of `pidfd` (pidfd_getfd(2), Linux 5.6). Requires
/// the right to trace the process, which a parent has by default.
Result<UniqueFd> copy_descriptor(Fd pidfd, int number);

}  // namespace notifybridge::system
