#pragma once

#include <cstddef>
#include <limits>

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// The first part of the temporary name of a deep directory while it is removed.
inline constexpr const char* removed_prefix = ".removed-";

/// Removes the contents of `directory` as far as possible. Does not follow links, and keeps mounts.
/// The tree may be another user's, of any depth. Stops after `most` entries, because others may add
/// more meanwhile.
void remove_content(Fd directory, std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace notifybridge::system
