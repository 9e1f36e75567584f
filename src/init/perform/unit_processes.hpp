#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/process/exit_status.hpp"
#include "base/system/fd.hpp"
#include "init/execute/cgroup.hpp"
#include "init/perform/invocations.hpp"
#include "init/perform/owned_pids.hpp"
#include "init/perform/process_list.hpp"
#include "init/perform/unit_marks.hpp"
#include "init/unit_types/processes.hpp"

namespace notifybridge::perform {

/// Knows which process belongs to which unit. Control groups say so if units have them.
///
/// Otherwise, /proc says so: a unit has the processes that we started for it, their descendants,
/// and those with the unit's mark. Some processes get no mark (execute::Marks), or set these limits
/// themselves. Such a process belongs to a unit if we saw its parent, or by its session, or by the
/// invocation in its environment.
///
/// This process must be PID 1 or a subreaper, because orphans must become our children.
class UnitProcesses {
public:
    explicit UnitProcesses(std::optional<execute::Cgroups> cgroups);

    /// Returns the directory of the unit's group for a new process. Returns an empty descriptor if
    /// there is none.
    system::UniqueFd group_of(const std::string& unit) const;

    /// Returns the mark for a new process of the unit. Returns nullopt if units have groups.
    std::optional<execute::Mark> mark_of(const std::string& unit);

    /// Must be called when a process was started for the unit, with this INVOCATION_ID.
    void add(const std::string& unit, pid_t pid, std::string_view invocation_id);

    /// Must be called when such a process has executed its program, because its user may be another
    /// one now.
    void executed(const std::string& unit, pid_t pid);

    /// Makes this process the unit's main process, as the unit requested. If it belonged to no
    /// unit, it and its descendants belong to this unit from now on.
    void adopt(const std::string& unit, pid_t pid);

    /// Must be called when a process has ended and before it is reaped, because /proc still has it
    /// then.
    void remove(pid_t pid);

    /// Must be called when the unit is down. Its remaining processes do not belong to it any more,
    /// and its group is removed.
    void forget(const std::string& unit);

    /// Returns all running processes of the unit. Leaves out zombies.
    std::vector<pid_t> processes(const std::string& unit);

    /// Returns whether `is_it` holds for a running process. Stops at the first such process. No
    /// process can escape with a fork meanwhile.
    bool any_runs(const std::string& unit, const std::function<bool(pid_t)>& is_it);

    /// Returns whether we will learn of the end of a process: it is our child and not reaped yet,
    /// or it is running and may become our child. No process can escape with a fork meanwhile. The
    /// cost does not depend on how many processes end at once.
    bool is_any_left(const std::string& unit);

    execute::GroupUsage usage(const std::string& unit) const {
        return cgroups_ ? cgroups_->usage(unit) : execute::GroupUsage();
    }

    /// Returns the unit's processes that are our children.
    std::vector<pid_t> children(const std::string& unit);

    /// Returns an orphan that belongs to no unit and began after `started`, a process that we
    /// started. It may be a daemon of that process, whose unit we do not know. Returns 0 if there
    /// is none.
    pid_t stray_since(pid_t started);

    /// Returns the unit of a process. Returns an empty text if it belongs to no unit.
    std::string unit_of(pid_t pid);

    /// Sends SIGKILL to all processes of the unit at once. Returns false if there are no groups, or
    /// if the kernel cannot do that.
    bool kill_group(const std::string& unit) const;

private:
    const std::string* known_unit_of(const ProcessEntry& process) const {
        return known_.owner_of(process.pid, process.start_time);
    }
    using Test = std::function<bool(const ProcessEntry&)>;
    bool any_known(const std::string& unit, const Test& is_it);
    bool any_after_looks(const std::string& unit, const Test& is_it);
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
    std::set<std::string> found_for_;  ///< The units for which the last look found new processes.
    pid_t newest_ = 0;                 ///< The newest pid at the last look.
    pid_t newest_started_ = 0;         ///< The newest pid that we started since the last look.
    std::vector<pid_t> missing_;       ///< Pids that had no process at the last look.
    /// When a look last missed a process.
    std::optional<std::chrono::steady_clock::time_point> missed_;
};

/// A child of ours that has ended.
struct EndedProcess {
    pid_t pid = 0;
    process::ExitStatus status;
    bool dumped_core = false;
};

/// Returns the next child that has ended, or nullopt. Returns the same child until it is reaped.
std::optional<EndedProcess> next_ended();
void reap(pid_t pid);

/// Watched processes that are not our children, by their pids. Only a child keeps its pid until we
/// know of its end, so a pid here may belong to another process.
using Others = std::map<pid_t, system::UniqueFd>;

/// Signals a unit's processes as systemd does (systemd.kill(5)): main, control and, if requested,
/// all others. Repeats this until there are no new processes. Main and control are our children, or
/// among `others`.
///
/// Returns whether to wait for the end of a process: main if it is our child, control, or any
/// other.
bool signal_unit(UnitProcesses& processes, const std::string& unit,
                 const unit_types::KillRequest& request, const Others& others = {});

}  // namespace notifybridge::perform
