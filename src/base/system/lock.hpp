#pragma once

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Locks by which processes show that they live: the kernel drops them with their owner.
namespace notifybridge::system {

enum class LockState { free, held, unknown };

/// Takes the lock by which the owner of `file`, open for writing, shows that it lives: a write lock
/// on the first byte, for as long as the open file description lives (fcntl_locking(2),
/// F_OFD_SETLK). `held` where another has it; `unknown` where the file system has no locks.
LockState take_life_lock(Fd file) noexcept;

/// Whether another open file description holds the life lock of `file`. Only asks, as a lock taken
/// to find out would itself be found.
LockState query_life_lock(Fd file) noexcept;

/// Waits for the lock under which `file` is replaced, on its second byte: it is no sign of life.
void take_claim_lock(Fd file) noexcept;

/// Whether `file` is about to be replaced by another open file description. Only asks.
LockState query_claim_lock(Fd file) noexcept;

/// Takes the flock(2) of a directory. False where another has it, and true also where the file
/// system has no locks. It keeps systemd-tmpfiles off, too.
bool take_directory_lock(Fd directory) noexcept;

/// Whether locks and inotify events of other hosts reach the file system that `file` is on: not on
/// network file systems, and not on those that another kernel or a process serves (9p, virtiofs).
bool is_local_file_system(Fd file) noexcept;

}  // namespace notifybridge::system
