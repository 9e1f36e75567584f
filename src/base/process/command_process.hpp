#pragma once

#include <signal.h>

#include <map>
#include <optional>
#include <set>

#include "base/event/descriptor.hpp"
#include "base/process/signal_plan.hpp"
#include "base/process/spawn.hpp"
#include "base/process/supervisor_event.hpp"

namespace notifybridge::process {

/// The command of a supervisor: a child, an init that is not our child, or a process to which the
/// command has handed over.
class CommandProcess {
public:
    /// `sees_orphans` means that orphans below us become our children. Emits CommandEnding and
    /// CommandEnded to `sink`.
    CommandProcess(event::Loop& loop, bool sees_orphans, const SignalPlan& signals,
                   const OnSupervisorEvent& sink)
        : loop_(loop), sees_orphans_(sees_orphans), signals_(signals), sink_(sink) {}

    /// These functions do what the functions of Supervisor with these names describe.
    void start(Command command);
    void follow(pid_t pid) { child_ = Child{pid, {}}; }
    bool hand_over(pid_t successor);

    bool running() const { return child_ && !status_; }
    pid_t pid() const { return child_ ? child_->pid : -1; }
    const std::optional<ExitStatus>& status() const { return status_; }
    /// Returns whether the terminal's signals do not reach the command.
    bool has_own_group() const { return has_own_group_; }
    /// Returns the processes that received the stop signal with the command's process group.
    const std::set<pid_t>& asked() const { return asked_; }

    /// Signals the command alone. Logs a warning if we may not.
    void signal_alone(int signal) const;
    /// Signals the command's process group. If the command is in our group, signals only the
    /// command and its descendants there. Other members of that group do not belong to the command.
    void signal_group(int signal);

    /// Reaps the command if it has ended.
    void reap();

private:
    void end(ExitStatus status);
    bool may_succeed(pid_t successor) const;
    bool is_gone() const;
    event::Awaitable<> watch_successor(pid_t successor);

    event::Loop& loop_;
    bool sees_orphans_;
    const SignalPlan& signals_;
    const OnSupervisorEvent& sink_;
    std::optional<Child> child_;
    std::optional<ExitStatus> status_;
    bool has_own_group_ = false;
    system::Fd terminal_;
    /// The pidfds of successors. A pidfd becomes readable when its process has ended, even if
    /// another process is the parent.
    std::map<pid_t, event::Descriptor> successors_;
    /// Whether `hand_over` chose the command, which may then be the child of another process.
    bool is_successor_ = false;
    std::set<pid_t> asked_;
};

}  // namespace notifybridge::process
