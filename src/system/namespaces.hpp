#pragma once

#include <sys/types.h>

#include <cstdint>

namespace notifybridge::system {

/// The inode of /proc/self/ns/pid, by which pid namespaces are told apart; 0 where /proc is not
/// mounted.
std::uint64_t pid_namespace() noexcept;

/// The inode of the first pid namespace of a kernel (Linux, PROC_PID_INIT_INO).
inline constexpr std::uint64_t initial_pid_namespace = 4026531836;

}  // namespace notifybridge::system
