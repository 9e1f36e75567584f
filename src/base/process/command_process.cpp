#include "base/process/command_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/terminal.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/log.hpp"
#include "base/util/tags.hpp"

namespace notifybridge::process {
namespace {

using util::Severity;
using util::Topic;

/// Returns whether our child `child` has ended. If so, fills in `info`.
bool has_ended(pid_t child, siginfo_t& info, int flags = 0) {
    return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | flags) == 0
           && info.si_pid != 0;
}

}  // namespace

void CommandProcess::start(Command command) {
    // A shell does job control with the process group that it created, so the command stays in that
    // group. If no shell started us, the command gets its own group, and the terminal.
    has_own_group_ = is_pid1() || is_session_leader();
    if (has_own_group_) {
        const system::Fd terminal = controlling_terminal();
        if (terminal && ::tcgetpgrp(terminal.get()) == ::getpgrp())
            terminal_ = terminal;
        if (terminal_)
            keep_writing_in_background();
    }
    command.own_process_group = has_own_group_;
    command.terminal = terminal_;
    child_ = spawn(command);
}

bool CommandProcess::hand_over(pid_t successor) {
    if (!running() || signals_.follows_init() || successor == pid())
        return false;
    auto pidfd = system::open_pidfd(successor);
    if (!pidfd)
        return false;
    if (is_ending(successor) || !may_succeed(successor))
        return false;
    util::log(Severity::info, Topic::process, "pid ", successor, " is the command now: pid ", pid(),
              " has handed over to it");
    child_ = Child{successor, std::move(*pidfd)};
    is_successor_ = true;
    if (child_->pidfd && !successors_.contains(successor)) {
        successors_.try_emplace(successor, loop_, event::duplicate(child_->pidfd));
        loop_.spawn([this, successor] { return watch_successor(successor); });
    }
    return true;
}

/// Returns whether `successor` is below the command, or was until the command ended.
bool CommandProcess::may_succeed(pid_t successor) const {
    // Keep this order. If the command ends after the first check, its children become our children,
    // and the second check finds them.
    return is_below(successor, pid())
           || (sees_orphans_ && is_ending(pid()) && is_below(successor, ::getpid()));
}

event::Awaitable<> CommandProcess::watch_successor(pid_t successor) {
    co_await successors_.at(successor).readable();
    successors_.erase(successor);
    if (pid() == successor)
        reap();
}

void CommandProcess::signal_alone(int signal) const {
    if (system::send_signal(pid(), child_->pidfd, signal) || errno != EPERM)
        return;
    util::log(Severity::warning, Topic::process, "cannot send ", signal_name(signal),
              " to the command, which runs as another user: CAP_KILL is missing; ",
              ::geteuid() == 0 ? "add CAP_KILL to CapabilityBoundingSet= of the unit, or "
                                 "--cap-add=KILL to podman or docker"
                               : "use User= instead of sudo, or set AmbientCapabilities=CAP_KILL",
              ' ', tags::cannot_signal);
}

void CommandProcess::signal_group(int signal) {
    const pid_t group = ::getpgid(pid());
    for (const pid_t each : descendants(::getpid()))
        if (::getpgid(each) == group)
            asked_.insert(each);
    if (group > 0 && group != ::getpgrp()) {
        if (::kill(-group, signal) < 0)
            signal_alone(signal);
        return;
    }
    const std::vector<pid_t> below = descendants(pid());
    // Signal the command first. If it is a shell, it must receive the signal before the program
    // that it waits for ends.
    signal_alone(signal);
    for (const pid_t each : below)
        if (::getpgid(each) == group)
            ::kill(each, signal);
}

void CommandProcess::reap() {
    siginfo_t info{};
    if (!running())
        return;
    const pid_t ended = pid();
    const bool is_child = has_ended(ended, info, WNOWAIT);
    if (!is_child && !is_gone())
        return;
    sink_(CommandEnding());
    if (is_child)
        ::waitid(P_PID, static_cast<id_t>(ended), &info, WEXITED | WNOHANG);
    if (!running() || pid() != ended)
        return;
    if (is_child) {
        end(ExitStatus::of(info));
        return;
    }
    const bool was_asked = signals_.was_told_to_quit(event::Deadline::now());
    util::log(
        was_asked ? Severity::info : Severity::warning, Topic::process, "pid ", ended,
        ", which became the command by MAINPID=, has ended; its exit status is not known here and "
        "counts as ",
        was_asked ? "success" : "failure");
    end(ExitStatus::exited(was_asked ? 0 : 1));
}

/// Returns whether the command is a successor that is not our child, and has ended.
bool CommandProcess::is_gone() const {
    if (!is_successor_)
        return false;
    return child_->pidfd ? system::has_ended(child_->pidfd)
                         : ::kill(pid(), 0) < 0 && errno == ESRCH;
}

void CommandProcess::end(ExitStatus status) {
    status_ = status;
    if (terminal_)
        reclaim_foreground(terminal_);
    sink_(CommandEnded{status});
}

}  // namespace notifybridge::process
