#pragma once

#include <sys/resource.h>

#include <cstddef>

namespace notifybridge::system {

/// Returns how many descriptors this process may open (ulimit -n, LimitNOFILE=).
std::size_t open_files_limit() noexcept;

/// Returns the limit that this process was started with. Children get this limit, because programs
/// with select(2) cannot handle descriptors above 1023. Must be called before the limit is raised.
const rlimit& inherited_open_files_limit() noexcept;

/// Raises the limit of this process to its hard limit.
void raise_open_files_limit() noexcept;

/// Restores the inherited limit in a child, before the child executes its program. Does nothing if
/// the limit was not raised. This function is async-signal-safe.
void restore_open_files_limit() noexcept;

}  // namespace notifybridge::system
