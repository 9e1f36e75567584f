#pragma once

#include <sys/types.h>

#include <vector>

namespace notifybridge::process {

/// The processes below `ancestor`, as /proc shows them at this moment. Empty where it is not
/// mounted.
std::vector<pid_t> descendants(pid_t ancestor);

/// Whether `pid` is a process below `ancestor`.
bool is_below(pid_t pid, pid_t ancestor);

}  // namespace notifybridge::process
