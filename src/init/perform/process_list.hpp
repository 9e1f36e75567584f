#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Facts about processes from /proc (proc(5)).
namespace notifybridge::perform {

struct ProcessEntry {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t session = 0;
    std::uint64_t start_time = 0;  ///< With the pid, it is unique until the next boot.
    bool is_zombie = false;
    /// A thread, not a process: /proc does not list its id, but has an entry for it.
    bool is_thread = false;
};

/// Returns nullopt if there is no such process, or /proc is not mounted. The id of a thread is not
/// the id of a process.
std::optional<ProcessEntry> find_process(pid_t pid);

/// Returns the process's effective user; nullopt if there is no such process.
std::optional<uid_t> user_of(pid_t pid);

/// Parses the text of a /proc/PID/stat; nullopt if it is malformed.
std::optional<ProcessEntry> parse_stat(std::string_view stat);

/// Returns the pid or thread id that our pid namespace assigned last (proc(5), /proc/loadavg); 0 if
/// it is unknown. Ids are assigned in ascending order, and start again after pid_max.
pid_t newest_pid();

/// Returns the children of our main thread, zombies too. Orphans become its children. Returns
/// nullopt if the kernel does not tell (CONFIG_PROC_CHILDREN).
std::optional<std::vector<pid_t>> children_of_ours();

}  // namespace notifybridge::perform
