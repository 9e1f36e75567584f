#pragma once

#include <cstddef>
#include <limits>

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// How the name begins that a deep directory has while it is removed.
inline constexpr const char* removed_prefix = ".removed-";

/// Removes all that is in `directory`, as far as it goes: links are not followed, and what is
/// mounted stays. Somebody else may have made it, as deep as they like. Stops after `most` entries,
/// as somebody may make more of them meanwhile.
void remove_content(Fd directory, std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace notifybridge::system
