#pragma once

#include <string>

namespace notifybridge::system {

/// Returns the names of system calls that this process cannot use and replaces by others, separated
/// by spaces: "openat2 pidfd_open". An older kernel does not have them (before Linux 5.6 and 5.3),
/// or a system call filter refuses them.
std::string missing_calls();

}  // namespace notifybridge::system
