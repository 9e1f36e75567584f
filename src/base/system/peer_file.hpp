#pragma once

#include "base/system/file.hpp"

namespace notifybridge::system {

/// Opens a file like `open_regular`, but also works without /proc, for example in a chroot. If
/// /proc is missing, opens the file by name. If a device replaces the file at that moment, opens
/// the device and closes it again. So use this function only for directories whose writers we
/// trust. Returns ESTALE if the file was replaced.
Result<UniqueFd> open_peer_file(Fd directory, const char* name, int flags);

}  // namespace notifybridge::system
