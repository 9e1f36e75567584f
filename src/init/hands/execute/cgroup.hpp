#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"
#include "init/rules/manager/running_units.hpp"

namespace notifybridge::execute {

/// The control groups of units (cgroups(7), version 2). The groups only serve to find and kill a
/// unit's processes. They set no limits.
///
/// The groups are below a group of this manager, because another manager in our group may have
/// units with the same names. The destructor removes empty groups.
class Cgroups {
public:
    /// Creates the manager's group below our own group. Returns nullopt if we cannot create groups
    /// there, or cannot move processes into them.
    static std::optional<Cgroups> below_our_own();

    Cgroups(Cgroups&& other) noexcept;
    Cgroups& operator=(Cgroups&&) = delete;
    ~Cgroups();

    /// Creates the unit's group if necessary. Returns its directory, or an empty descriptor on
    /// failure.
    system::UniqueFd make(std::string_view unit) const;

    /// Returns whether the group, or a group below it, has a process that is not a zombie.
    bool has_processes(std::string_view unit) const;

    /// Returns all processes in the group and in groups below it.
    std::vector<pid_t> processes(std::string_view unit) const;

    manager::GroupUsage usage(std::string_view unit) const;

    /// Returns the unit whose group contains the process. Returns an empty text if the process is
    /// not in the group of a unit.
    std::string unit_of(pid_t pid) const;

    /// Sends SIGKILL to all processes of the group at once, so that no process escapes with
    /// fork(2). Returns false before Linux 5.14.
    bool kill_all(std::string_view unit) const;

    /// Removes the group and the groups below it, if they are empty.
    void remove(std::string_view unit) const;

private:
    Cgroups(std::string directory, std::string path);

    std::string directory_of(std::string_view unit) const;
    system::UniqueFd open(const std::string& file, int flags) const;

    std::string directory_;    ///< Empty if the content was moved to another object.
    std::string path_;         ///< The path as in /proc/PID/cgroup, without a "/" at its end.
    system::UniqueFd handle_;  ///< The open directory; the kernel need not resolve its path again.
};

/// Returns the path for version 2 in the text of /proc/PID/cgroup. Returns an empty text if the
/// text has no such path.
std::string parse_cgroup_path(std::string_view text);

/// Returns the directory of the group `path`. Returns an empty text if `mountinfo`, the text of a
/// /proc/PID/mountinfo, does not show this group.
std::string find_cgroup_directory(std::string_view mountinfo, std::string_view path);

}  // namespace notifybridge::execute
