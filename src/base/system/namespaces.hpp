#pragma once

#include <sys/types.h>

#include <cstdint>

namespace notifybridge::system {

/// The inode of /proc/self/ns/pid, by which pid namespaces are told apart; 0 where /proc is not
/// mounted.
std::uint64_t pid_namespace() noexcept;

/// The same of another process; 0 where it is gone, or we may not trace it (ptrace(2),
/// PTRACE_MODE_READ).
std::uint64_t pid_namespace_of(pid_t pid) noexcept;

/// The inode of the first pid namespace of a kernel (Linux, PROC_PID_INIT_INO).
inline constexpr std::uint64_t initial_pid_namespace = 4026531836;

/// The inode of /proc/self/ns/user; 0 where /proc is not mounted.
std::uint64_t user_namespace() noexcept;

/// The inode of the first user namespace of a kernel (Linux, PROC_USER_INIT_INO).
inline constexpr std::uint64_t initial_user_namespace = 4026531837;

/// What stands for a user who has no number in our user namespace (Linux, DEFAULT_OVERFLOWUID).
inline constexpr uid_t unmapped_uid = 65534;

}  // namespace notifybridge::system
