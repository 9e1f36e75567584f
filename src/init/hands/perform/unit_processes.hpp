#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process/exit_status.hpp"
#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"
#include "init/hands/execute/cgroup.hpp"
#include "init/hands/perform/invocations.hpp"
#include "init/hands/perform/owned_pids.hpp"
#include "init/hands/perform/process_list.hpp"
#include "init/hands/perform/unit_marks.hpp"
#include "init/rules/unit_types/processes.hpp"

namespace notifybridge::perform {

/// A search for the unit of each process. If units have control groups, the control group of a
/// process decides.
///
/// Otherwise, a unit has the processes that we started for it, their descendants in /proc, and the
/// processes with the unit's mark. A mark is a pair of resource limits (execute::Mark). Some
/// processes get no mark, or change these limits. Such a process belongs to the unit of its parent
/// if we found the parent in a search. Otherwise, its session or the invocation in its environment
/// decides.
///
/// This process must be PID 1 or a subreaper, because orphans must become our children.
class UnitProcesses {
public:
    explicit UnitProcesses(std::optional<execute::Cgroups> cgroups);

    /// Returns the directory of the unit's group for a new process. Returns an empty descriptor if
    /// units have no groups.
    system::UniqueFd group_of(const std::string& unit) const;

    /// Returns the mark for a new process of the unit. Returns nullopt if units have no marks.
    std::optional<execute::Mark> mark_of(const std::string& unit);

    bool has_marks() const { return marks_.exist(); }

    /// Records a process that was started for the unit with this INVOCATION_ID.
    void add(const std::string& unit, pid_t pid, std::string_view invocation_id);

    /// Records a child that helps this manager, so that it does not count as a lost process of a
    /// unit.
    void add_own(pid_t pid) { add("init.scope", pid, {}); }

    /// Records the user of a process that has executed its program, because the user may have
    /// changed.
    void executed(const std::string& unit, pid_t pid);

    /// Assigns a process and its descendants to the unit that has declared this process as its main
    /// process. Does nothing if the process already belongs to a unit.
    void adopt(const std::string& unit, pid_t pid);

    /// Removes a process that has ended. Must be called before the process is reaped, because
    /// another process may get the pid afterwards.
    void remove(pid_t pid);

    /// Forgets a unit that is down. The remaining processes do not belong to the unit any more, and
    /// the unit's group is removed.
    void forget(const std::string& unit);

    /// Returns all running processes of the unit, without zombies.
    std::vector<pid_t> processes(const std::string& unit);

    /// Returns whether `is_it` returns true for a running process of the unit. Stops at the first
    /// such process. The check also finds a process that forks during the check.
    bool any_runs(const std::string& unit, util::FunctionRef<bool(pid_t)> is_it);

    /// Returns whether the end of another process of the unit will be reported to us. Such a
    /// process is our child and not reaped yet, or is running and may become our child. The check
    /// also finds a process that forks during the check. The cost does not depend on how many
    /// processes end at once.
    bool is_any_left(const std::string& unit);

    manager::GroupUsage usage(const std::string& unit) const {
        return cgroups_ ? cgroups_->usage(unit) : manager::GroupUsage();
    }

    /// Returns the unit's processes that are our children.
    std::vector<pid_t> children(const std::string& unit);

    /// Returns an orphan that belongs to no unit and began after `started`, which is a process that
    /// we started. This orphan may be a daemon that `started` left behind. Returns 0 if there is no
    /// such orphan.
    pid_t stray_since(pid_t started);

    /// Returns the unit of a process. Returns an empty text if the process belongs to no unit.
    std::string unit_of(pid_t pid);

    /// Sends SIGKILL to all processes of the unit at once. Returns false if units have no groups,
    /// or if the kernel does not support this.
    bool kill_group(const std::string& unit) const;

private:
    const std::string* known_unit_of(const ProcessEntry& process) const {
        return known_.owner_of(process.pid, process.start_time);
    }
    using Test = util::FunctionRef<bool(const ProcessEntry&)>;
    bool any_known(const std::string& unit, Test is_it);
    bool any_after_looks(const std::string& unit, Test is_it);
    std::string unit_of_session(const ProcessEntry& process) const;
    std::string find_unit(const ProcessEntry& process, int depth);
    void keep(const ProcessEntry& process, const std::string& unit);
    std::string unit_by_environment(pid_t pid) const;
    void look();
    void look_at_all();
    void look_at(pid_t pid);
    void look_at_children();
    void drop_ended_sessions();
    void look_again();

    std::optional<execute::Cgroups> cgroups_;
    OwnedPids known_;
    OwnedPids sessions_;  ///< The sessions by the pid and the start time of their leaders.
    UnitMarks marks_;
    Invocations invocations_;
    std::set<std::string> found_for_;  ///< The units for which the last search found new processes.
    pid_t newest_ = 0;                 ///< The newest pid at the last search.
    pid_t newest_started_ = 0;         ///< The newest pid that we started since the last search.
    std::vector<pid_t> missing_;       ///< Pids that had no process at the last search.
    /// The time at which a search last missed a process.
    std::optional<std::chrono::steady_clock::time_point> missed_;
};

/// A child of ours that has ended.
struct EndedProcess {
    pid_t pid = 0;
    process::ExitStatus status;
    bool dumped_core = false;
};

/// Returns the next child that has ended, or nullopt. Until the child is reaped, further calls
/// return the same child.
std::optional<EndedProcess> next_ended();
void reap(pid_t pid);

/// The pidfds of watched processes that are not our children, by their pids. We need a pidfd,
/// because such a process may end unnoticed, and another process may get its pid.
using Others = std::map<pid_t, system::UniqueFd>;

/// Signals a unit's processes as systemd does (systemd.kill(5)): main, control and, if requested,
/// all other processes. Signals all other processes repeatedly until there are no new processes.
/// Main and control are our children, or are in `others`.
///
/// Returns whether the unit must wait for the end of a process: control, any other process, or main
/// if main is our child.
bool signal_unit(UnitProcesses& processes, const std::string& unit,
                 const unit_types::KillRequest& request, const Others& others = {});

}  // namespace notifybridge::perform
