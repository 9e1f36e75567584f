#include "base/process/supervisor.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/terminal.hpp"
#include "base/system/error.hpp"
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

Supervisor::Supervisor(event::Loop& loop, bool adopt_orphans)
    : loop_(loop),
      // No terminal can stop PID 1, so PID 1 reads the stop signals of the terminal and passes them
      // to the command.
      signals_(
          loop, event::Signals::Ignored::ignore,
          is_pid1() ? event::Signals::TerminalStops::receive : event::Signals::TerminalStops::stop),
      reaped_(loop),
      patience_(loop),
      adopts_orphans_(adopt_orphans),
      plan_(is_pid1()) {
    if (adopt_orphans && !is_pid1())
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

bool Supervisor::is_pid1() {
    return ::getpid() == 1;
}

void Supervisor::start(Command command) {
    // A shell does job control with the process group that it created, so the command stays in that
    // group. If no shell started us, the command gets its own group, and the terminal.
    own_group_ = is_pid1() || is_session_leader();
    if (own_group_) {
        const system::Fd terminal = controlling_terminal();
        if (terminal && ::tcgetpgrp(terminal.get()) == ::getpgrp())
            terminal_ = terminal;
        if (terminal_)
            keep_writing_in_background();
    }
    command.signal_mask = signals_.original_mask();
    command.own_process_group = own_group_;
    command.terminal = terminal_;
    child_ = spawn(command);
}

void Supervisor::follow(pid_t pid, int stop_signal) {
    child_ = Child{pid, {}};
    plan_.follow_init(stop_signal);
}

bool Supervisor::hand_over(pid_t successor) {
    if (!running() || plan_.follows_init() || successor == pid())
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
bool Supervisor::may_succeed(pid_t successor) const {
    // Keep this order. If the command ends after the first check, its children become our children,
    // and the second check finds them.
    return is_below(successor, pid())
           || (adopts_orphans_ && is_ending(pid()) && is_below(successor, ::getpid()));
}

event::Awaitable<> Supervisor::watch_successor(pid_t successor) {
    co_await successors_.at(successor).readable();
    successors_.erase(successor);
    if (pid() == successor)
        reap();
}

event::Awaitable<> Supervisor::run() {
    std::optional<signalfd_siginfo> info = co_await signals_.next();
    while (info) {
        handle(*info);
        info = co_await signals_.next();
    }
}

void Supervisor::emit(const SupervisorEvent& event) const {
    if (on_event)
        on_event(event);
}

void Supervisor::handle(const signalfd_siginfo& info) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
        reap();
        return;
    }
    if (signal == SIGWINCH)
        emit(WindowChanged());
    // Ignore a signal that this process caused itself. The kernel sends SIGPIPE for a failed write,
    // and the caller of write(2) has handled the error.
    if (info.ssi_code <= 0 && info.ssi_pid == static_cast<std::uint32_t>(::getpid()))
        return;
    // The pid is 0 if the sender is outside our pid namespace (pid_namespaces(7)).
    take({signal, SignalPlan::Way::received, info.ssi_code == SI_KERNEL,
          info.ssi_code <= 0 && info.ssi_pid == 0});
}

void Supervisor::take(int signal) {
    take({signal, SignalPlan::Way::told});
}

void Supervisor::take(const SignalPlan::Arrival& arrival) {
    using Fate = SignalPlan::Fate;
    const auto now = event::Deadline::now();
    if (plan_.note(arrival, now))
        emit(EndAsked());
    // Lower signal numbers are read first, so the SIGCHLD of an ended command may still be unread.
    // A signal for that command would be lost.
    reap_command();
    const auto [fate, signal] = plan_.judge(arrival, {running(), own_group_}, now);
    switch (fate) {
        case Fate::stop_ourselves:
            ::kill(::getpid(), SIGSTOP);
            break;
        case Fate::already_there:
            util::log(Severity::debug, Topic::process, signal_name(signal),
                      " came from the terminal, which also sent it to the command");
            break;
        case Fate::report:
            emit(SignalCame{signal});
            break;
        case Fate::repeated:
            util::log(Severity::debug, Topic::process, "ignoring a repeated ", signal_name(signal),
                      ": this process has just received the same signal");
            break;
        case Fate::pass:
            pass_on(signal);
            break;
        case Fate::unclaimed:
            emit(SignalUnclaimed{signal});
            break;
        case Fate::dropped:
            break;
    }
}

void Supervisor::pass_on(int signal) {
    if (plan_.is_stop(signal))
        emit(StopComes());
    if (plan_.keep(signal)) {
        util::log(Severity::debug, Topic::process, signal_name(signal), " is delayed");
        return;
    }
    util::log(Severity::info, Topic::process, "passing ", signal_name(signal), " on to pid ",
              pid());
    emit(SignalPassed{signal});
    send(signal);
}

void Supervisor::kill(int signal) {
    send(plan_.translate(signal));
}

void Supervisor::release_stop() {
    if (const auto signal = plan_.release_stop())
        send(*signal);
}

void Supervisor::send(int signal) {
    plan_.sent(signal, running());
    if (!running())
        return;
    if (plan_.is_for_group(signal))
        signal_group(signal);
    else
        signal_command(signal);
}

/// Signals the command alone. Logs a warning if we may not.
void Supervisor::signal_command(int signal) const {
    if (system::send_signal(pid(), child_->pidfd, signal) || errno != EPERM)
        return;
    util::log(Severity::warning, Topic::process, "cannot send ", signal_name(signal),
              " to the command, which runs as another user: CAP_KILL is missing; ",
              ::geteuid() == 0 ? "add CAP_KILL to CapabilityBoundingSet= of the unit, or "
                                 "--cap-add=KILL to podman or docker"
                               : "use User= instead of sudo, or set AmbientCapabilities=CAP_KILL",
              ' ', tags::cannot_signal);
}

/// Signals the command's process group. If the command is in our group, signals only the command
/// and its descendants there. Other members of that group do not belong to the command.
void Supervisor::signal_group(int signal) {
    const pid_t group = ::getpgid(pid());
    for (const pid_t each : descendants(::getpid()))
        if (::getpgid(each) == group)
            asked_.insert(each);
    if (group > 0 && group != ::getpgrp()) {
        if (::kill(-group, signal) < 0)
            signal_command(signal);
        return;
    }
    const std::vector<pid_t> below = descendants(pid());
    // Signal the command first. If it is a shell, it must receive the signal before the program
    // that it waits for ends.
    signal_command(signal);
    for (const pid_t each : below)
        if (::getpgid(each) == group)
            ::kill(each, signal);
}

void Supervisor::reap_command() {
    siginfo_t info{};
    if (!running())
        return;
    const pid_t ended = pid();
    const bool is_child = has_ended(ended, info, WNOWAIT);
    if (!is_child && !is_gone())
        return;
    emit(CommandEnding());
    if (is_child)
        ::waitid(P_PID, static_cast<id_t>(ended), &info, WEXITED | WNOHANG);
    if (!running() || pid() != ended)
        return;
    if (is_child) {
        end(ExitStatus::of(info));
        return;
    }
    const bool was_asked = plan_.was_told_to_quit(event::Deadline::now());
    util::log(
        was_asked ? Severity::info : Severity::warning, Topic::process, "pid ", ended,
        ", which became the command by MAINPID=, has ended; its exit status is not known here and "
        "counts as ",
        was_asked ? "success" : "failure");
    end(ExitStatus::exited(was_asked ? 0 : 1));
}

/// Returns whether the command is a successor that is not our child, and has ended.
bool Supervisor::is_gone() const {
    if (!is_successor_)
        return false;
    return child_->pidfd ? system::has_ended(child_->pidfd)
                         : ::kill(pid(), 0) < 0 && errno == ESRCH;
}

void Supervisor::end(ExitStatus status) {
    status_ = status;
    if (terminal_)
        reclaim_foreground(terminal_);
    emit(CommandEnded{status});
}

void Supervisor::reap() {
    // Reap the command and the helpers first. The loop below reaps any child, and would discard
    // their exit statuses.
    reap_command();
    reap_helpers();
    while (!running() || adopts_orphans_) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            break;
        // The command or a helper may have ended since the calls above.
        if (running() && info.si_pid == child_->pid)
            reap_command();
        else if (helpers_.contains(info.si_pid))
            reap_helpers();
        else
            ::waitpid(info.si_pid, nullptr, WNOHANG);
    }
    reaped_.raise();
}

}  // namespace notifybridge::process
