#pragma once

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::channel {

/// Takes the life lock of `file`, which no other process has opened yet. Returns ENOLCK if the
/// kernel has no memory for the lock and nothing else shows that we are alive: the other side would
/// take us for dead. `beats` says whether a beat shows it, too. Returns no error on a file system
/// without locks.
system::Result<int> take_life_lock(system::Fd file, bool beats);

}  // namespace notifybridge::channel
