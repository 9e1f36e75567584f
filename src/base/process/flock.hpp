#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

/// Who has the locks of flock(2), as far as /proc shows it.
namespace notifybridge::process {

/// Whether the descriptor's own open file has a lock of flock(2): in "lock:	1: FLOCK  ADVISORY
/// WRITE 814 00:1a:1234 0 EOF" of /proc/PID/fdinfo/FD.
bool has_flock(pid_t pid, int fd);

/// The processes that have such a lock.
std::vector<pid_t> flock_holders();

/// Those in the text of /proc/locks.
std::vector<pid_t> flock_holders(std::string_view locks);

/// The process that has the lock of this file; nothing where /proc does not show it.
std::optional<pid_t> flock_holder(system::Fd file);

}  // namespace notifybridge::process
