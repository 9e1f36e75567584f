#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace notifybridge::process {

/// The sockets that were found among the descriptors of processes.
struct OwnedSockets {
    std::vector<std::uint64_t> inodes;
    /// Whether some descriptors are hidden from us, as those of other users and of programs with
    /// more rights (proc(5), /proc/PID/fd).
    bool are_some_hidden = false;
};

/// Searches for sockets with these inodes among the descriptors of `processes`.
OwnedSockets find_sockets(std::span<const std::uint64_t> inodes, std::span<const pid_t> processes);

}  // namespace notifybridge::process
