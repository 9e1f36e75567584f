#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// How the name begins that a deep directory has while it is removed.
inline constexpr const char* removed_prefix = ".removed-";

/// Removes all that is in `directory`, as far as it goes: links are not followed, and what is
/// mounted stays. Somebody else may have made it, as deep as they like.
void remove_content(Fd directory);

}  // namespace notifybridge::system
