#pragma once

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Takes and queries locks that show that a process is alive: the kernel releases them when the
/// process ends.
namespace notifybridge::system {

enum class LockState { free, held, unknown };

/// Takes the life lock of `file`, which must be open for writing. The life lock is a write lock on
/// the first byte, and belongs to the open file description (fcntl_locking(2), F_OFD_SETLK).
/// Returns `free` if the lock was free and is ours now. Returns `held` if another description has
/// it, and `unknown` if the file system has no locks.
LockState take_life_lock(Fd file) noexcept;

/// Returns whether another open file description holds the life lock of `file`. Does not try to
/// take the lock: other processes would see this as a sign of life.
LockState query_life_lock(Fd file) noexcept;

/// Waits for the lock on the second byte, which protects the replacement of `file`. This lock is
/// not a sign of life.
void take_claim_lock(Fd file) noexcept;

/// Returns whether another open file description holds the lock of `take_claim_lock`, because its
/// process replaces `file`. Does not take the lock.
LockState query_claim_lock(Fd file) noexcept;

/// Takes the flock(2) lock of a directory. Returns false if another process has it, and true if the
/// file system has no locks. systemd-tmpfiles does not clean up a locked directory.
bool take_directory_lock(Fd directory) noexcept;

/// Returns whether the file system of `file` shows the locks and inotify events of all its users.
/// Returns false for network file systems, and for file systems that another kernel or a process
/// serves (9p, virtiofs).
bool is_local_file_system(Fd file) noexcept;

}  // namespace notifybridge::system
