#pragma once

#include <cstddef>
#include <limits>

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// A deep directory has a temporary name with this prefix while it is removed.
inline constexpr const char* removed_prefix = ".removed-";

/// Removes as much of the content of `directory` as possible. Does not follow links, and keeps
/// mounts. The tree may have any depth, and may belong to another user. Stops after `most` entries,
/// because other processes may add more in the meantime.
void remove_content(Fd directory, std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace notifybridge::system
