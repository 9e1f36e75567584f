#include "base/process/supervisor.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/process/descendants.hpp"
#include "base/process/proc.hpp"
#include "base/process/terminal.hpp"
#include "base/system/error.hpp"
#include "base/system/pidfd.hpp"
#include "base/util/contains.hpp"
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

/// The time within which a signal that arrives in two ways counts once.
constexpr std::chrono::seconds same_signal_apart(2);

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
      adopts_orphans_(adopt_orphans) {
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
    stop_signal_ = stop_signal;
    follows_pid1_ = true;
}

bool Supervisor::hand_over(pid_t successor) {
    if (!running() || follows_pid1_ || successor == pid())
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

void Supervisor::note(int signal, bool from_terminal) {
    if (is_terminating(signal) && signal != SIGKILL)
        received_.set(static_cast<std::size_t>(signal));
    last_received_ = signal;
    last_received_time_ = std::chrono::steady_clock::now();
    if (signal == SIGQUIT)
        quit_ = last_received_time_;
    // SIGWINCH is the stop signal of Apache's image, but a terminal also sends it after a change of
    // size.
    if (signal == stop_signal_ && !from_terminal)
        received_stop_signal_ = true;
    if ((asks_for_end(signal) || received_stop_signal_) && on_end_asked)
        on_end_asked();
}

bool Supervisor::has_just_received(int signal) const {
    return signal != 0 && signal == last_received_
           && std::chrono::steady_clock::now() - last_received_time_ < signal_effect;
}

bool Supervisor::is_crash(ExitStatus end) const {
    constexpr auto usual = std::to_array({0, SIGHUP, SIGINT, SIGQUIT, SIGPIPE});
    const auto signal = static_cast<std::size_t>(end.signal);
    return !util::contains(usual, end.signal) && !received_.test(signal) && !sent_.test(signal);
}

bool Supervisor::was_told_to_end() const {
    return received_.test(SIGTERM) || received_.test(SIGINT) || received_stop_signal_;
}

bool Supervisor::was_told_to_quit(std::chrono::steady_clock::time_point now) const {
    return was_told_to_end() || (quit_ && now - *quit_ < quit_patience);
}

void Supervisor::handle(const signalfd_siginfo& info) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGCHLD) {
        reap();
        return;
    }
    if (signal == SIGWINCH && on_window_change)
        on_window_change();
    // Ignore a signal that this process caused itself. The kernel sends SIGPIPE for a failed write,
    // and the caller of write(2) has handled the error.
    if (info.ssi_code <= 0 && info.ssi_pid == static_cast<std::uint32_t>(::getpid()))
        return;
    note(signal, info.ssi_code == SI_KERNEL);
    pass_on(info);
}

void Supervisor::pass_on(const signalfd_siginfo& info) {
    const int signal = static_cast<int>(info.ssi_signo);
    const bool from_terminal = info.ssi_code == SI_KERNEL;
    // The pid is 0 if the sender is outside our pid namespace (pid_namespaces(7)).
    const bool from_outside = info.ssi_code <= 0 && info.ssi_pid == 0;
    // Lower signal numbers are read first, so the SIGCHLD of an ended command may still be unread.
    // A signal for that command would be lost.
    reap_command();
    if (from_terminal && signal == SIGTSTP && !own_group_) {
        // The terminal has stopped the command. The shell notices this only if this process stops,
        // too.
        ::kill(::getpid(), SIGSTOP);
    } else if (from_terminal && !own_group_ && running()) {
        util::log(Severity::debug, Topic::process, signal_name(signal),
                  " came from the terminal, which also sent it to the command");
    } else if (on_signal && !(follows_pid1_ && from_outside)
               && (is_terminating(signal) || !from_terminal)) {
        on_signal(signal);
    } else {
        deliver(signal, Way::received);
    }
}

void Supervisor::take(int signal) {
    note(signal, false);
    reap_command();
    deliver(signal, Way::told);
}

bool Supervisor::arrived_both_ways(int signal, Way way) {
    if (!is_terminating(signal) || signal == SIGKILL)
        return false;
    const auto now = std::chrono::steady_clock::now();
    const bool is_same =
        last_.signal == signal && last_.way != way && now - last_.when < same_signal_apart;
    last_ = is_same ? Delivery() : Delivery{signal, way, now};
    return is_same;
}

void Supervisor::deliver(int signal, Way way) {
    const int meant = way == Way::received && is_pid1() ? signal : translate_signal(signal);
    if (arrived_both_ways(meant, way)) {
        util::log(Severity::debug, Topic::process, "ignoring a repeated ", signal_name(meant),
                  ": this process has just received the same signal");
        return;
    }
    if (running() && is_held_back(meant)) {
        util::log(Severity::debug, Topic::process, signal_name(meant), " is delayed");
    } else if (running()) {
        util::log(Severity::info, Topic::process, "passing ", signal_name(meant), " on to pid ",
                  pid());
        if (on_passing)
            on_passing(meant);
        send(meant);
    } else if (is_terminating(signal) && on_unclaimed_signal) {
        // The callback may replace `on_unclaimed_signal` while it runs.
        const auto tell = on_unclaimed_signal;
        tell(signal);
    }
}

void Supervisor::kill(int signal) {
    send(translate_signal(signal));
}

bool Supervisor::is_held_back(int signal) {
    // SIGQUIT does not always ask a program to end: Java only prints its threads.
    const bool asks = signal == SIGTERM || signal == SIGINT || signal == stop_signal_;
    if (!asks || !holds_stop_back || !holds_stop_back())
        return false;
    held_back_ = held_back_.value_or(signal);
    return true;
}

void Supervisor::release_stop() {
    if (const auto signal = std::exchange(held_back_, std::nullopt))
        send(*signal);
}

void Supervisor::send(int signal) {
    was_ended_ = was_ended_ || signal == SIGTERM || signal == SIGINT || signal == SIGKILL
                 || signal == stop_signal_;
    if (!running())
        return;
    sent_.set(static_cast<std::size_t>(signal));
    if (signal == stop_signal_ && (signal == SIGINT || signal == SIGQUIT) && !follows_pid1_)
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

/// Returns the signal to send to the command instead of `signal`. SIGTERM becomes the stop signal.
/// If the command is an init, all signals that request an end become the stop signal.
int Supervisor::translate_signal(int signal) const {
    const bool is_replaced = follows_pid1_ ? asks_for_end(signal) : signal == SIGTERM;
    return is_replaced ? stop_signal_.value_or(signal) : signal;
}

ExitStatus Supervisor::as_requested(ExitStatus end) const {
    const bool is_by_stop_signal = stop_signal_ && end.shell_status() == 128 + *stop_signal_;
    return is_by_stop_signal && received_.test(SIGTERM) ? ExitStatus::killed(SIGTERM) : end;
}

void Supervisor::reap_command() {
    siginfo_t info{};
    if (!running())
        return;
    const pid_t ended = pid();
    const bool is_child = has_ended(ended, info, WNOWAIT);
    if (!is_child && !is_gone())
        return;
    if (on_ending)
        on_ending();
    if (is_child)
        ::waitid(P_PID, static_cast<id_t>(ended), &info, WEXITED | WNOHANG);
    if (!running() || pid() != ended)
        return;
    if (is_child) {
        end(ExitStatus::of(info));
        return;
    }
    const bool was_asked = was_told_to_quit(std::chrono::steady_clock::now());
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
    if (on_end)
        on_end(*status_);
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
