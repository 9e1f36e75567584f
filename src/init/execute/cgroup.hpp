#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::execute {

/// A unit's control group and the kernel's counters of it. A counter that the kernel lacks is
/// empty.
struct GroupUsage {
    std::string path;  ///< The path as in /proc/PID/cgroup; empty if there is no group.
    std::optional<std::uint64_t> cpu_usec;
    std::optional<std::uint64_t> memory_bytes;
    std::optional<std::uint64_t> tasks;
};

/// Manages control groups for units (cgroups(7), version 2). They are below a group that is made
/// for this manager, as another manager in our group may have units of the same names. Groups serve
/// to find and kill a unit's processes, and limit nothing. The destructor removes empty ones.
class Cgroups {
public:
    /// Creates the manager's group below our own. Returns nullopt if groups cannot be made there,
    /// or if processes cannot be moved into them.
    static std::optional<Cgroups> below_our_own();

    Cgroups(Cgroups&& other) noexcept;
    Cgroups& operator=(Cgroups&&) = delete;
    ~Cgroups();

    /// Creates the unit's group if it does not exist. Returns its directory, or an empty descriptor
    /// if that fails.
    system::UniqueFd make(std::string_view unit) const;

    /// Returns whether the group, or a group below it, has any process other than zombies.
    bool has_processes(std::string_view unit) const;

    /// Returns all processes in the group and in groups below it.
    std::vector<pid_t> processes(std::string_view unit) const;

    GroupUsage usage(std::string_view unit) const;

    /// Returns the unit whose group a process is in, or an empty text if it is in none of ours.
    std::string unit_of(pid_t pid) const;

    /// Sends SIGKILL to all processes of the group at once, so that none escapes by fork(2).
    /// Returns false before Linux 5.14.
    bool kill_all(std::string_view unit) const;

    /// Removes the group and those below it if they are empty.
    void remove(std::string_view unit) const;

private:
    Cgroups(std::string directory, std::string path);

    std::string directory_of(std::string_view unit) const;
    system::UniqueFd open(const std::string& file, int flags) const;

    std::string directory_;    ///< Empty if the object was moved from.
    std::string path_;         ///< The path as in /proc/PID/cgroup, without a "/" at its end.
    system::UniqueFd handle_;  ///< An open handle of the directory: the path to it is long.
};

/// Returns the path for version 2 from /proc/PID/cgroup, or an empty text if there is none.
std::string parse_cgroup_path(std::string_view text);

/// Returns the directory of the group `path` by a /proc/PID/mountinfo; empty if it is not mounted.
std::string find_cgroup_directory(std::string_view mountinfo, std::string_view path);

}  // namespace notifybridge::execute
