#pragma once

#include <sys/types.h>

#include <cstdint>

namespace notifybridge::system {

/// Returns the inode of /proc/self/ns/pid, which identifies the pid namespace, or 0 if /proc is not
/// mounted.
std::uint64_t pid_namespace() noexcept;

/// Returns the same for another process, or 0 if it is gone or we may not trace it (ptrace(2),
/// PTRACE_MODE_READ).
std::uint64_t pid_namespace_of(pid_t pid) noexcept;

/// The inode of a kernel's first pid namespace (Linux, PROC_PID_INIT_INO).
inline constexpr std::uint64_t initial_pid_namespace = 4026531836;

/// Returns the inode of /proc/self/ns/user, or 0 if /proc is not mounted.
std::uint64_t user_namespace() noexcept;

/// The inode of a kernel's first user namespace (Linux, PROC_USER_INIT_INO).
inline constexpr std::uint64_t initial_user_namespace = 4026531837;

/// Represents users without a number in our user namespace (Linux, DEFAULT_OVERFLOWUID).
inline constexpr uid_t unmapped_uid = 65534;

}  // namespace notifybridge::system
