#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// A reference to the process `pid`; ESRCH where there is none.
Result<UniqueFd> open_pidfd(pid_t pid);

/// Whether the process that `pidfd` refers to has ended: its pid may be that of another then.
bool has_ended(Fd pidfd) noexcept;

/// The id of the process that `pidfd` refers to, which no other process gets until the next boot.
/// Nothing before Linux 6.9, where a pidfd is not yet a file of pidfs, whose inodes the ids are.
std::optional<std::uint64_t> pidfd_id(Fd pidfd) noexcept;

}  // namespace notifybridge::system
