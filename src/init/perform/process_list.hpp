#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Reads facts about processes from /proc (proc(5)).
namespace notifybridge::perform {

struct ProcessEntry {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t session = 0;
    std::uint64_t start_time = 0;  ///< With the pid, it is unique until the next boot.
    bool is_zombie = false;
    /// Whether this is a thread: /proc has an entry for its id, but does not list it.
    bool is_thread = false;
};

/// Returns the entry of the process. Returns nullopt if the process does not exist, or if /proc is
/// not mounted. Accepts the id of a thread, too: see `is_thread`.
std::optional<ProcessEntry> find_process(pid_t pid);

/// Returns the effective user of a process. Returns nullopt if the process does not exist.
std::optional<uid_t> user_of(pid_t pid);

/// Parses the text of a /proc/PID/stat. Returns nullopt if the text is malformed.
std::optional<ProcessEntry> parse_stat(std::string_view stat);

/// Returns the id that our pid namespace has assigned to the newest process or thread (proc(5),
/// /proc/loadavg). Returns 0 if the id is not known. Ids ascend up to pid_max, and then start again
/// at low numbers.
pid_t newest_pid();

/// Returns the children of our main thread, including zombies. Orphans become its children. Returns
/// nullopt if the kernel does not list children (CONFIG_PROC_CHILDREN).
std::optional<std::vector<pid_t>> children_of_ours();

}  // namespace notifybridge::perform
