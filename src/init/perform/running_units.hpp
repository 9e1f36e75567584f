#pragma once

#include <string>
#include <vector>

#include "init/execute/cgroup.hpp"
#include "init/execute/identity.hpp"
#include "init/manager/unit.hpp"

namespace notifybridge::perform {

/// What units have on this system now, for people who ask for it.
class RunningUnits {
public:
    virtual ~RunningUnits() = default;

    /// The unit that a process is of; null where it is nobody's.
    virtual manager::Unit* unit_of(pid_t pid) = 0;
    /// All that run, zombies left out.
    virtual std::vector<pid_t> processes_of(const manager::Unit& unit) = 0;
    /// The user and the groups of its processes.
    virtual execute::Identity identity_of(const manager::Unit& unit) const = 0;
    virtual execute::GroupUsage usage_of(const manager::Unit& unit) const = 0;
    /// How many descriptors are in its store.
    virtual unsigned stored_fds(const manager::Unit& unit) = 0;
    /// The last lines that it wrote, or that were written of it, as `ctl status` shows them; the
    /// oldest first.
    virtual std::vector<std::string> log(const manager::Unit& unit, std::size_t lines) const = 0;
    /// Signals its processes. Returns why that cannot be, or nothing.
    virtual std::string kill_by_hand(const manager::Unit& unit, manager::KillWhom whom,
                                     int signal) = 0;
};

}  // namespace notifybridge::perform
