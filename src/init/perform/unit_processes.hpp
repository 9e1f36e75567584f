#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
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
#include "init/unit_types/processes.hpp"

namespace notifybridge::perform {

/// Which process is of which unit. Where units have control groups, by these. Else by descent, as
/// /proc shows it: a unit's are those that we started for it, what descends from them, what is in
/// a session that one of them made, and what has the unit's invocation in its environment. A
/// process that lost all three at once (two forks and setsid between two looks, and an environment
/// of its own, or one that we may not read) is nobody's. We have to be PID 1 or a subreaper, as
/// orphans become our children.
class UnitProcesses {
public:
    explicit UnitProcesses(std::optional<execute::Cgroups> cgroups);

    /// For a process that is to be started for the unit: the directory of its group, if any.
    system::UniqueFd group_of(const std::string& unit) const;

    /// A process was started for the unit, with this INVOCATION_ID.
    void add(const std::string& unit, pid_t pid, std::string_view invocation_id);

    /// A process that was started for it has executed its program, and may be another user's now.
    void executed(const std::string& unit, pid_t pid);

    /// The unit says that this is its main process. Where it was nobody's, it is the unit's from
    /// now on, with what descends from it.
    void adopt(const std::string& unit, pid_t pid);

    /// A process has ended. To be called before it is reaped, while /proc still knows it.
    void remove(pid_t pid);

    /// The unit is down: what is left is nobody's, and its group is removed.
    void forget(const std::string& unit);

    /// To be called again and again while a program forks and does not stay: only as long as it is
    /// there can its children be told to be the unit's.
    void look_around();

    /// All that run, zombies left out.
    std::vector<pid_t> processes(const std::string& unit);

    /// Whether `is_it` holds for one that runs; the rest is not looked at then.
    bool any_runs(const std::string& unit, const std::function<bool(pid_t)>& is_it);

    /// Whether one is there whose end will be told: a child of ours that is not reaped yet, or what
    /// runs and may become one. However many processes end at once, the cost of each is the same.
    bool is_any_left(const std::string& unit);

    execute::GroupUsage usage(const std::string& unit) const {
        return cgroups_ ? cgroups_->usage(unit) : execute::GroupUsage();
    }

    /// The unit's processes that are children of ours.
    std::vector<pid_t> children(const std::string& unit);

    /// Empty where it is nobody's.
    std::string unit_of(pid_t pid);

    /// SIGKILL to all of it at once, where there are groups and the kernel can do that.
    bool kill_group(const std::string& unit) const;

private:
    const std::string* known_unit_of(const ProcessEntry& process) const {
        return known_.owner_of(process.pid, process.start_time);
    }
    bool any_known(const std::string& unit, const std::function<bool(const ProcessEntry&)>& is_it);
    std::string unit_of_session(const ProcessEntry& process) const;
    std::string find_unit(const ProcessEntry& process, int depth);
    void keep(const ProcessEntry& process, const std::string& unit);
    std::string unit_by_environment(pid_t pid) const;
    void look();
    void look_at_all();
    void look_at(pid_t pid);
    void drop_ended_sessions();
    void look_again();

    std::optional<execute::Cgroups> cgroups_;
    OwnedPids known_;
    OwnedPids sessions_;  ///< By the pid of their leaders, and when these began.
    Invocations invocations_;
    pid_t newest_ = 0;            ///< At the last look.
    pid_t newest_started_ = 0;    ///< By us, since then.
    std::vector<pid_t> missing_;  ///< What was about to be made, or was over, at the last look.
};

/// A child of ours that has ended.
struct EndedProcess {
    pid_t pid = 0;
    process::ExitStatus status;
    bool dumped_core = false;
};

/// The next child that has ended; it stays a zombie, and is the next again, until it is reaped.
/// Nothing where there is none.
std::optional<EndedProcess> next_ended();
void reap(pid_t pid);

/// Processes that are not our children, by the pids that they have, or had: only a child of ours
/// keeps its pid until we know of its end.
using Others = std::map<pid_t, system::UniqueFd>;

/// Signals a unit's processes as systemd does it (systemd.kill(5)): main and control, and all
/// others, again until there are no new ones. Main and control are children of ours or among
/// `others`. Whether there is one whose end is waited for: main where it is our child, control, any
/// other.
bool signal_unit(UnitProcesses& processes, const std::string& unit,
                 const unit_types::KillRequest& request, const Others& others = {});

}  // namespace notifybridge::perform
