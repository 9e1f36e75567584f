#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/log.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::manager {

/// A unit's control group and the kernel's counters for this group. A counter is unset if the
/// kernel does not have it.
struct GroupUsage {
    std::string path;      ///< The path as in /proc/PID/cgroup; empty if the group has no process.
    std::uint64_t id = 0;  ///< The kernel's number of the group; 0 if `path` is empty.
    std::optional<std::uint64_t> cpu_usec;
    std::optional<std::uint64_t> memory_bytes;
    std::optional<std::uint64_t> tasks;
};

/// The ids that User= and Group= name. An id is unset if its directive is not set.
struct UnitIds {
    std::optional<uid_t> user;
    std::optional<gid_t> group;
};

/// An interface to the processes and logs of units, for commands such as `ctl status`.
class RunningUnits {
public:
    virtual ~RunningUnits() = default;

    /// Returns the unit of a process. Returns null if the process belongs to no unit.
    virtual Unit* unit_of(pid_t pid) = 0;
    /// Returns all running processes of a unit, without zombies.
    virtual std::vector<pid_t> processes_of(const Unit& unit) = 0;
    /// Returns the user and the group of a unit's processes.
    virtual UnitIds ids_of(const Unit& unit) const = 0;
    virtual GroupUsage usage_of(const Unit& unit) const = 0;
    /// Returns the number of descriptors in the unit's descriptor store.
    virtual unsigned stored_fds(const Unit& unit) = 0;
    /// Returns the last lines of the unit's log, as `ctl status` shows them, oldest first. Omits
    /// lines that are less severe than `least`, and those before `since`
    /// (system::Moment::monotonic).
    virtual std::vector<std::string> log(const Unit& unit, std::size_t lines, util::Severity least,
                                         std::uint64_t since) const = 0;
    using OnLine =
        std::function<void(std::string_view key, util::Severity severity, const std::string& line)>;
    /// Calls `on_line` with each new line in the format of `log`, and with the key of the line's
    /// unit. An empty `on_line` ends these calls.
    virtual void set_on_line(OnLine on_line) = 0;
    /// Sends `signal` to the processes of the unit that `whom` selects. Returns an empty text on
    /// success, or else the reason for the failure.
    virtual std::string kill_by_hand(const Unit& unit, KillWhom whom, int signal) = 0;
};

}  // namespace notifybridge::manager
