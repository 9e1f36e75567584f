#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::execute {

/// A unit's control group, and what the kernel counts there: nothing of what it does not.
struct GroupUsage {
    std::string path;  ///< As /proc/PID/cgroup has it; empty where there is no group.
    std::optional<std::uint64_t> cpu_usec;
    std::optional<std::uint64_t> memory_bytes;
    std::optional<std::uint64_t> tasks;
};

/// Control groups for units (cgroups(7), version 2), below one that is made for them: another
/// manager in the same group as we has units of the same names. They are for knowing and killing
/// what is a unit's, and limit nothing. The destructor removes those that are empty.
class Cgroups {
public:
    /// Below the group that we are in. Nothing where groups cannot be made there, or processes not
    /// be put into them.
    static std::optional<Cgroups> below_our_own();

    Cgroups(Cgroups&& other) noexcept;
    Cgroups& operator=(Cgroups&&) = delete;
    ~Cgroups();

    /// Makes the unit's group, where it is not there. Its directory; none where that fails.
    system::UniqueFd make(std::string_view unit) const;

    /// Whether any process is in it, or in a group below it; zombies left out.
    bool has_processes(std::string_view unit) const;

    /// All processes in it, and in groups below it.
    std::vector<pid_t> processes(std::string_view unit) const;

    GroupUsage usage(std::string_view unit) const;

    /// The unit that a process is in the group of; empty where it is in none of ours.
    std::string unit_of(pid_t pid) const;

    /// SIGKILL to all in it at once, which none escapes by fork(2). False before Linux 5.14.
    bool kill_all(std::string_view unit) const;

    /// Removes the group and those below it, where nothing is left in them.
    void remove(std::string_view unit) const;

private:
    Cgroups(std::string directory, std::string path);

    std::string directory_of(std::string_view unit) const;
    system::UniqueFd open(const std::string& file, int flags) const;

    std::string directory_;    ///< Empty: it is another's by now.
    std::string path_;         ///< As /proc/PID/cgroup has it, without a "/" at its end.
    system::UniqueFd handle_;  ///< On the directory, as the way to it is long.
};

/// What /proc/PID/cgroup says of version 2; empty where there is none.
std::string parse_cgroup_path(std::string_view text);

/// Where the group `path` is by a /proc/PID/mountinfo; empty where it is not mounted.
std::string find_cgroup_directory(std::string_view mountinfo, std::string_view path);

}  // namespace notifybridge::execute
