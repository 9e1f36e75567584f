#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

/// What /proc says of a process (proc(5)), as text. Empty where it is gone, may not be looked at,
/// or /proc is not mounted.
namespace notifybridge::process {

/// The entries of a directory of /proc whose names are numbers: processes, or descriptors of one.
std::vector<int> numbers_in(const std::string& directory);

/// The numbers by which the process has this file open, so far as we may see that.
std::vector<int> descriptors_of(pid_t pid, system::Fd file);

/// Closes all descriptors of ours from that number on.
void close_all_from(int first);

/// The value of a field of /proc/PID/status: "2" of "Seccomp".
std::string status_field(pid_t pid, std::string_view name);

/// Nothing where there is no such process.
std::optional<pid_t> parent_of(pid_t pid);

/// When the process started, in clock ticks since boot: it tells it from a later process of the
/// same number. Nothing where there is no such process.
std::optional<std::uint64_t> start_time(pid_t pid);

/// The words of its command line; none where it is a zombie.
std::vector<std::string> command_line(pid_t pid);

/// Whether the process has ended, or is about to: the kernel closes the descriptors of one that
/// ends a moment before its parent can see that it did. Also where there is no such process.
bool is_ending(pid_t pid);

/// How many bytes it has read, of files, sockets and all else, with its children that were reaped;
/// 0 where that is not to be known.
std::uint64_t bytes_read_by(pid_t pid);

/// The variables that it was started with, each with a NUL byte behind it. In the middle of
/// execve(2) a process shows none for a moment: that is waited for, some 10 ms at most.
std::string environ_of(pid_t pid);

/// The value of one of them, in their text; nothing where there is none of that name.
std::optional<std::string_view> variable_in(std::string_view environ, std::string_view name);

/// The same of a process; empty where it has none, too.
std::string variable_of(pid_t pid, std::string_view name);

}  // namespace notifybridge::process
