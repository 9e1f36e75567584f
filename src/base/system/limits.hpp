#pragma once

#include <sys/resource.h>

#include <cstddef>

namespace notifybridge::system {

/// How many descriptors this process may have open: ulimit -n, LimitNOFILE=.
std::size_t open_files_limit() noexcept;

/// The limit on that which this process was started with, and what it starts is to have: a program
/// that uses select(2) cannot do with more. It is asked for before it is raised, if ever.
const rlimit& inherited_open_files_limit() noexcept;

/// Lets this process have as many open as it may, which is up to its hard limit.
void raise_open_files_limit() noexcept;

}  // namespace notifybridge::system
