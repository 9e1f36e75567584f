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
    /// The start time in clock ticks since the boot. No two processes with the same pid have the
    /// same start time.
    std::uint64_t start_time = 0;
    bool is_zombie = false;
    /// Whether this is a thread. /proc has an entry for the id of a thread, but does not list the
    /// id.
    bool is_thread = false;
};

/// Returns the entry of the process. Returns nullopt if the process does not exist, if `pid` is the
/// id of a thread, or if /proc is not mounted.
std::optional<ProcessEntry> find_process(pid_t pid);

/// Returns the effective user of a process. Returns nullopt if the process does not exist.
std::optional<uid_t> user_of(pid_t pid);

/// Parses the text of a /proc/PID/stat. Returns nullopt if the text is malformed.
std::optional<ProcessEntry> parse_stat(std::string_view stat);

/// Returns the id of the newest process or thread in our pid namespace (proc(5), /proc/loadavg).
/// Returns 0 if the id is not known. Ids ascend up to pid_max, and then start again at low numbers.
pid_t newest_pid();

/// Returns the children of our main thread, including zombies. Orphans become children of our main
/// thread. Returns nullopt if the kernel does not list children (CONFIG_PROC_CHILDREN).
std::optional<std::vector<pid_t>> children_of_ours();

}  // namespace notifybridge::perform
