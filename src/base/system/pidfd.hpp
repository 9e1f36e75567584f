#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// A reference to the process `pid`; ESRCH where there is none. It is empty where the kernel has no
/// such references, as gVisor, or a container's filter refuses them: then its number has to do.
Result<UniqueFd> open_pidfd(pid_t pid);

/// Signals the process `pid`, by its reference where that can be.
bool send_signal(pid_t pid, Fd pidfd, int signal) noexcept;

/// Whether the process that `pidfd` refers to has ended: its pid may be that of another then.
bool has_ended(Fd pidfd) noexcept;

/// The id of the process that `pidfd` refers to, which no other process gets until the next boot.
/// Nothing before Linux 6.9, where a pidfd is not yet a file of pidfs, whose inodes the ids are.
std::optional<std::uint64_t> pidfd_id(Fd pidfd) noexcept;

/// A duplicate of the descriptor `number` of the process that `pidfd` refers to (pidfd_getfd(2),
/// Linux 5.6). Takes the right to trace that process, as a parent has it by default.
Result<UniqueFd> copy_descriptor(Fd pidfd, int number);

}  // namespace notifybridge::system
