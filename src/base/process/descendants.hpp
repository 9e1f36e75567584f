#pragma once

#include <sys/types.h>

#include <vector>

namespace notifybridge::process {

/// Returns the processes below `ancestor` that /proc shows now. Returns an empty list if /proc is
/// not mounted, or shows another pid namespace.
std::vector<pid_t> descendants(pid_t ancestor);

/// Returns whether `pid` is a process below `ancestor`.
bool is_below(pid_t pid, pid_t ancestor);

}  // namespace notifybridge::process
