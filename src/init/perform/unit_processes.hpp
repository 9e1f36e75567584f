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

/// Knows which process belongs to which unit. If units have control groups, these tell. Otherwise
/// /proc tells: a unit has the processes that we started for it, their descendants, and those with
/// the unit's mark. Some processes get no mark (execute::Marks), or set these limits themselves. A
/// unit has such a process if we saw its parent, by its session, or by the invocation in its
/// environment. This process must be PID 1 or a subreaper, because orphans must become our
/// children.
class UnitProcesses {
public:
    explicit UnitProcesses(std::optional<execute::Cgroups> cgroups);

    /// For a process that is to be started for the unit: the directory of its group, if any.
    system::UniqueFd group_of(const std::string& unit) const;

    /// For a process that is to be started for the unit: its mark, if units have no groups.
    std::optional<execute::Mark> mark_of(const std::string& unit);

    /// A process was started for the unit, with this INVOCATION_ID.
    void add(const std::string& unit, pid_t pid, std::string_view invocation_id);

    /// A process that was started for it has executed its program, and may be another user's now.
    void executed(const std::string& unit, pid_t pid);

    /// Makes this the unit's main process, as the unit said. If it belonged to no unit, it now
    /// belongs to this one, with its descendants.
    void adopt(const std::string& unit, pid_t pid);

    /// A process has ended. To be called before it is reaped, while /proc still knows it.
    void remove(pid_t pid);

    /// The unit is down: remaining processes no longer belong to it, and its group is removed.
    void forget(const std::string& unit);

    /// Returns all running processes, without zombies.
    std::vector<pid_t> processes(const std::string& unit);

    /// Returns whether `is_it` holds for a running process; stops at the first. No process escapes
    /// by a fork while we look.
    bool any_runs(const std::string& unit, const std::function<bool(pid_t)>& is_it);

    /// Returns whether the end of some process will be reported: a child of ours that is not reaped
    /// yet, or a running process that may become one. No process escapes by a fork while we look.
    /// The cost for each does not depend on how many end at once.
    bool is_any_left(const std::string& unit);

    execute::GroupUsage usage(const std::string& unit) const {
        return cgroups_ ? cgroups_->usage(unit) : execute::GroupUsage();
    }

    /// The unit's processes that are children of ours.
    std::vector<pid_t> children(const std::string& unit);

    /// Returns an orphan that belongs to no unit, and began after `started`, a process that we
    /// started. It may be a daemon of this process that is not known as the unit's. Returns 0 if
    /// there is none.
    pid_t stray_since(pid_t started);

    /// Returns an empty string if it belongs to no unit.
    std::string unit_of(pid_t pid);

    /// Sends SIGKILL to all of its processes at once, if there are groups and the kernel can do
    /// that.
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
    OwnedPids sessions_;  ///< By the pid of their leaders, and when these began.
    UnitMarks marks_;
    Invocations invocations_;
    std::set<std::string> found_for_;  ///< Units of which the last look found new processes.
    pid_t newest_ = 0;                 ///< At the last look.
    pid_t newest_started_ = 0;         ///< By us, since then.
    std::vector<pid_t>
        missing_;  ///< Processes that did not exist yet, or no longer, at the last look.
    /// When a look last missed a process.
    std::optional<std::chrono::steady_clock::time_point> missed_;
};

/// A child of ours that has ended.
struct EndedProcess {
    pid_t pid = 0;
    process::ExitStatus status;
    bool dumped_core = false;
};

/// Returns the next child that has ended; nullopt if there is none. Returns the same one again
/// until it is reaped.
std::optional<EndedProcess> next_ended();
void reap(pid_t pid);

/// Processes that are not our children, by the pids that they have, or had: only a child of ours
/// keeps its pid until we know of its end.
using Others = std::map<pid_t, system::UniqueFd>;

/// Signals a unit's processes as systemd does (systemd.kill(5)): main and control, and all others,
/// repeatedly until there are no new ones. Main and control are children of ours, or among
/// `others`. Returns whether the end of one has to be waited for: main if it is our child, control,
/// or any other.
bool signal_unit(UnitProcesses& processes, const std::string& unit,
                 const unit_types::KillRequest& request, const Others& others = {});

}  // namespace notifybridge::perform
