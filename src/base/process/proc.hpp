#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

/// Reads /proc/PID (proc(5)) as text. Results are empty if the process is gone, if we may not
/// inspect the process, or if /proc is not mounted.
namespace notifybridge::process {

/// Returns whether /proc shows our pid namespace. If /proc shows another namespace, its numbers
/// belong to other processes.
bool proc_is_ours();

/// Returns whether this process is PID 1 of its pid namespace.
bool is_pid1();

/// Returns the names in a directory of /proc that are numbers: pids, or the descriptors of a
/// process.
std::vector<int> numbers_in(const std::string& directory);

/// Returns the process's descriptors for `file`. Returns an empty list if we may not see them.
std::vector<int> descriptors_of(pid_t pid, system::Fd file);

/// Closes all our descriptors with number `first` or higher.
void close_all_from(int first);

/// Closes all our descriptors except those with the numbers in `kept`.
void close_all_except(std::vector<int> kept);

/// Returns a field of /proc/PID/status, such as "2" for "Seccomp".
std::string status_field(pid_t pid, std::string_view name);

/// Returns the parent's pid. Returns nullopt if process `pid` does not exist.
std::optional<pid_t> parent_of(pid_t pid);

/// Returns when the process started, in clock ticks since boot. A later process with the same pid
/// has another start time. Returns nullopt if the process does not exist.
std::optional<std::uint64_t> start_time(pid_t pid);

/// Returns the words of the command line. Returns an empty list for a zombie.
std::vector<std::string> command_line(pid_t pid);

/// Returns whether the process has ended, is ending, or does not exist. The kernel closes the
/// descriptors of a process a moment before its parent can reap it. During this moment, the process
/// is ending.
bool is_ending(pid_t pid);

/// Returns how many bytes the process and its reaped children have read, from files, sockets or
/// anything else. Returns 0 if the number is unknown.
std::uint64_t bytes_read_by(pid_t pid);

/// Returns the variables that the process was started with, each followed by a NUL byte. During
/// execve(2), /proc shows no variables for a moment. Waits for the variables for at most about 10
/// ms.
std::string environ_of(pid_t pid);

/// Returns the value of `name` in the result of `environ_of`. Returns nullopt if `environ` does not
/// contain this variable.
std::optional<std::string_view> variable_in(std::string_view environ, std::string_view name);

/// Returns the value of variable `name` of a process. Returns an empty text if the variable is not
/// set.
std::string variable_of(pid_t pid, std::string_view name);

}  // namespace notifybridge::process
