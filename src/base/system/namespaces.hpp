#pragma once

#include <sys/types.h>

#include <cstdint>

namespace notifybridge::system {

/// Returns the inode of /proc/self/ns/pid, which identifies our pid namespace. Returns 0 if /proc
/// is not mounted.
std::uint64_t pid_namespace() noexcept;

/// Returns the inode of the pid namespace of process `pid`. Returns 0 if the process is gone, or if
/// we may not trace it (ptrace(2), PTRACE_MODE_READ).
std::uint64_t pid_namespace_of(pid_t pid) noexcept;

/// The inode of the initial pid namespace, which is the same in every kernel (Linux,
/// PROC_PID_INIT_INO).
inline constexpr std::uint64_t initial_pid_namespace = 4026531836;

/// Returns the inode of /proc/self/ns/user, or 0 if /proc is not mounted.
std::uint64_t user_namespace() noexcept;

/// The inode of the initial user namespace, which is the same in every kernel (Linux,
/// PROC_USER_INIT_INO).
inline constexpr std::uint64_t initial_user_namespace = 4026531837;

/// The uid for all users that our user namespace does not map (Linux, DEFAULT_OVERFLOWUID).
inline constexpr uid_t unmapped_uid = 65534;

}  // namespace notifybridge::system
