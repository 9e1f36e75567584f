#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

/// What /proc says of processes (proc(5)).
namespace notifybridge::perform {

struct ProcessEntry {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t session = 0;
    std::uint64_t start_time = 0;  ///< With the pid, tells it from all others since the boot.
    bool is_zombie = false;
    /// A thread, and not a process: /proc does not list its id, but has an entry for it.
    bool is_thread = false;
};

/// Nothing where there is none, or /proc is not mounted. The id of a thread is that of no process.
std::optional<ProcessEntry> find_process(pid_t pid);

/// Its effective user; nothing where there is no such process.
std::optional<uid_t> user_of(pid_t pid);

/// The text of a /proc/PID/stat, where it is one.
std::optional<ProcessEntry> parse_stat(std::string_view stat);

/// The pid, or thread id, that was given last in our pid namespace (proc(5), /proc/loadavg); 0
/// where that is not told. They are given in order, from pid_max on anew.
pid_t newest_pid();

}  // namespace notifybridge::perform
