#pragma once

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Locks that show that a process is alive: the kernel releases them when it ends.
namespace notifybridge::system {

enum class LockState { free, held, unknown };

/// Takes the life lock of `file`, which must be open for writing: a write lock on the first byte,
/// held as long as the open file description exists (fcntl_locking(2), F_OFD_SETLK). Returns `held`
/// if another one has it, `unknown` if the file system has no locks.
LockState take_life_lock(Fd file) noexcept;

/// Returns whether another open file description holds the life lock of `file`. Only queries:
/// taking the lock to find out would itself be seen as life.
LockState query_life_lock(Fd file) noexcept;

/// Waits for the lock on the second byte, which protects the replacement of `file`. It is not a
/// sign of life.
void take_claim_lock(Fd file) noexcept;

/// Returns whether another open file description is about to replace `file`. Only queries.
LockState query_claim_lock(Fd file) noexcept;

/// Takes the flock(2) of a directory. Returns false if another process has it; true also if the
/// file system has no locks. It also keeps systemd-tmpfiles away.
bool take_directory_lock(Fd directory) noexcept;

/// Returns whether this file system shows other hosts' locks and inotify events. False for network
/// file systems and those served by another kernel or a process (9p, virtiofs).
bool is_local_file_system(Fd file) noexcept;

}  // namespace notifybridge::system
