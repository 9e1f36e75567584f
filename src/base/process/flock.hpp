#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

/// Finds the holders of flock(2) locks that /proc shows.
namespace notifybridge::process {

/// Returns whether the open file description of descriptor `fd` in process `pid` holds a flock(2)
/// lock. Source: a line of /proc/PID/fdinfo/FD, such as "lock: 1: FLOCK ADVISORY WRITE 814
/// 00:1a:1234 0 EOF".
bool has_flock(pid_t pid, int fd);

/// Returns the processes that hold flock(2) locks.
std::vector<pid_t> flock_holders();

/// Returns the holders in `locks`, the text of /proc/locks.
std::vector<pid_t> flock_holders(std::string_view locks);

/// Returns the process that holds the lock of `file`. Returns nullopt if /proc does not show the
/// process.
std::optional<pid_t> flock_holder(system::Fd file);

}  // namespace notifybridge::process
