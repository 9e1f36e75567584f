#pragma once

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::channel {

/// Takes the life lock (base/system/lock.hpp) of `file`, which no other process has opened yet.
/// Returns ENOLCK if the kernel has no memory for the lock, because without the lock the other side
/// would treat this process as dead. If `beats` is true, ignores this error, because the beat also
/// shows that this process is alive. Returns no error on a file system without locks.
system::Result<int> take_life_lock(system::Fd file, bool beats);

}  // namespace notifybridge::channel
