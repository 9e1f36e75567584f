#pragma once

#include <sys/types.h>

namespace notifybridge::process {

/// Whether the process `pid` has ended, or is about to: the kernel closes the descriptors of one
/// that ends a moment before its parent can see that it did. Also where there is no such process.
bool is_ending(pid_t pid);

}  // namespace notifybridge::process
