#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "execute/cgroup.hpp"
#include "execute/process_list.hpp"
#include "manager/performer.hpp"
#include "process/exit_status.hpp"

namespace notifybridge::execute {

/// Which processes are whose. Where units have control groups, by these. Otherwise by descent, as
/// /proc shows it: a unit's are those that we started for it, what descends from them, what is in
/// a session that one of them made, and what has the unit's invocation in its environment. A
/// process that lost all three at once (two forks and setsid between two looks, and an environment
/// of its own, or one that we may not read) is nobody's. We have to be PID 1 or a subreaper, as
/// orphans become our children.
class UnitProcesses {
public:
    explicit UnitProcesses(std::optional<Cgroups> cgroups);

    /// For a process that is to be started for the unit: cgroup.procs of its group, if any.
    system::UniqueFd group_of(const std::string& unit) const;

    /// A process was started for the unit, with this INVOCATION_ID.
    void add(const std::string& unit, pid_t pid, std::string_view invocation_id);

    /// The unit says that this is its main process. Where it was nobody's, it is the unit's from
    /// now on, with what descends from it.
    void adopt(const std::string& unit, pid_t pid);

    /// A process has ended. To be called before it is reaped, while /proc still knows it.
    void remove(pid_t pid);

    /// The unit is down: what is left is nobody's, and its group is removed.
    void forget(const std::string& unit);

    /// To be called again and again while a program forks that does not stay: only as long as it is
    /// there does it tell whose its children are.
    void look_around();

    /// All that run, zombies left out.
    std::vector<pid_t> processes(const std::string& unit);

    GroupUsage usage(const std::string& unit) const {
        return cgroups_ ? cgroups_->usage(unit) : GroupUsage();
    }

    /// Those of them that are children of ours.
    std::vector<pid_t> children(const std::string& unit);

    /// Empty where it is nobody's.
    std::string unit_of(pid_t pid);

    /// SIGKILL to all of it at once, where there are groups and the kernel can do that.
    bool kill_group(const std::string& unit) const;

private:
    struct Known {
        std::uint64_t start_time = 0;  ///< 0: it had ended before it was looked at.
        std::string unit;              ///< Empty: nobody's, as we have looked.
    };

    /// Anybody can have the id in its environment, as it is no secret.
    struct Invocation {
        std::string id;
        std::set<uid_t> users;  ///< Of the processes that were started.
    };

    const Known* find_known(const ProcessEntry& process) const;
    std::string unit_of_session(const ProcessEntry& process) const;
    std::string find_unit(const ProcessEntry& process, int depth);
    void keep(const ProcessEntry& process, const std::string& unit);
    void add_invocation(const std::string& unit, pid_t pid, std::string_view id);
    std::string unit_by_environment(pid_t pid) const;
    void look();
    void look_at_all();
    void look_at(pid_t pid);
    void drop_ended_sessions();
    void look_again();

    std::optional<Cgroups> cgroups_;
    std::map<pid_t, Known> known_;
    std::map<pid_t, Known> sessions_;  ///< By the pid of who made them, and when it began.
    std::map<std::string, Invocation> invocations_;  ///< By units, the last of each.
    pid_t newest_ = 0;                               ///< At the last look.
    pid_t newest_started_ = 0;                       ///< By us, since then.
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

/// Signals a process, and SIGCONT after it where that may be needed to act on the signal. Whether
/// it was there.
bool signal_process(pid_t pid, int signal);

/// Signals a unit's processes as systemd does it (systemd.kill(5)): main and control, and all
/// others, again until there are no new ones. Whether there is one whose end is waited for: main
/// where it is our child, control, any other.
bool signal_unit(UnitProcesses& processes, const std::string& unit,
                 const manager::KillRequest& request);

}  // namespace notifybridge::execute
