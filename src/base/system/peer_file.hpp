#pragma once

#include "base/system/file.hpp"

namespace notifybridge::system {

/// As `open_regular`, also where /proc is not mounted, as in a chroot: there by its name, so that a
/// device which takes the place of what was looked at is opened, if not kept. For directories in
/// which those who may put one are no less trusted than we are. ESTALE if it is another file.
Result<UniqueFd> open_peer_file(Fd directory, const char* name, int flags);

}  // namespace notifybridge::system
