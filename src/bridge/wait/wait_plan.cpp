#include "bridge/wait/wait_plan.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/util/concat.hpp"
#include "bridge/wait/run_plan.hpp"

namespace notifybridge::wait {
namespace {

using Kind = WaitPlan::Action::Kind;
using Time = WaitPlan::Time;
using process::ExitStatus;
using util::concat;
using util::Severity;

/// How long a container may take to start after the command has ended. The command may have left
/// the start to a daemon.
constexpr std::chrono::seconds detached_run_grace(1);
/// How long a command may take to notice that its run is over. A command that received a signal
/// before there was a run may take the same time to pass the signal on.
constexpr std::chrono::seconds nudge_after(1);
/// How long podman's client may take to remove its ended container on a busy machine. A signal
/// would break off the removal.
constexpr std::chrono::seconds removal_patience(5);
/// How long a killed run may take to end before its container manager kills it. In this time,
/// `wrap` kills the processes that the app has left behind.
constexpr std::chrono::seconds killed_run_patience(5);

/// How long after a SIGABRT the end of the command still counts as caused by this signal.
constexpr std::chrono::seconds aborted_patience(5);

/// Returns the end of a time span that begins at `now`. Returns nullopt if the span is infinite.
std::optional<Time> after(Time now, std::chrono::microseconds span) {
    if (span >= std::chrono::microseconds::max() - now)
        return std::nullopt;
    return now + span;
}

/// Returns whether the deadline has passed. If so, clears it.
bool falls_due(std::optional<Time>& deadline, Time now) {
    if (!deadline || now < *deadline)
        return false;
    deadline.reset();
    return true;
}

}  // namespace

void WaitPlan::log(Severity severity, std::string text) {
    actions_.push_back({Kind::log, 0, {}, severity, std::move(text)});
}

WaitPlan::Actions WaitPlan::begin(Time now) {
    has_begun_ = true;
    ready_deadline_ = after(now, options_.timeout);
    return take_actions();
}

/// Returns whether `signal` ends only this process. Returns false if there is a command. Otherwise,
/// returns true for a signal that asks for the end, unless it also ends the run (--stop). Returns
/// true for the watchdog's SIGABRT if no app is alive to get it.
bool WaitPlan::ends_only_wait(int signal, Now now) const {
    if (options_.has_command)
        return false;
    if (signal == SIGABRT)
        return !run_lives(now);
    return process::asks_for_end(signal) && !(options_.stops_run && run_lives(now));
}

bool WaitPlan::was_told_to_end() const {
    for (std::size_t signal = 1; signal < received_.size(); ++signal)
        if (received_.test(signal) && process::asks_for_end(static_cast<int>(signal)))
            return true;
    return is_late_;
}

bool WaitPlan::breaks_off_start(int signal) const {
    return has_begun_ && !is_ready_ && !was_told_to_end() && process::asks_for_end(signal);
}

std::optional<ExitStatus> WaitPlan::end_by_itself() const {
    return was_told_to_end() ? std::nullopt : command_end_;
}

WaitPlan::Actions WaitPlan::signalled(int signal, Now now) {
    received_.set(static_cast<std::size_t>(signal));
    if (signal == SIGABRT)
        aborted_ = now.time;
    if (!has_begun_ && process::is_terminating(signal)) {
        finish(ExitStatus::killed(signal));
    } else if (ends_only_wait(signal, now)) {
        log(Severity::info,
            concat(process::signal_name(signal), ": leaving the container running"));
        finish(ExitStatus::exited(0));
    } else {
        pass_on(signal, now);
    }
    return take_actions();
}

/// Returns whether the run gets the signal. If the command starts several containers, the command
/// itself gets a signal that asks for the end. It stops the containers in its own order and does
/// not start them again.
bool WaitPlan::is_for_run(int signal, Now now) const {
    const bool is_for_command =
        options_.has_members && command_runs() && process::asks_for_end(signal);
    return run_lives(now) && !is_for_command;
}

/// Sends the signal to the app if the app can be reached. Otherwise, sends the signal to the
/// command, which may pass it on.
void WaitPlan::pass_on(int signal, Now now) {
    const bool asks_for_end = process::asks_for_end(signal);
    if (asks_for_end)
        stop_signal_ = signal;
    if (is_for_run(signal, now))
        signal_run(signal);
    else if (command_runs())
        signal_command(signal);
    else if (asks_for_end && run_lives(now))
        signal_run(signal);
    else if (!asks_for_end && process::is_terminating(signal))
        log(Severity::warning,
            concat("dropping ", process::signal_name(signal), ": no app is running"));
    if (signal == SIGQUIT) {
        quit_deadline_ = now.time + process::quit_patience;
    } else if (asks_for_end && !stop_deadline_ && !is_killing_) {
        stop_deadline_ = after(now.time, options_.stop_timeout);
        // A run that was asked to end is not expected to become ready.
        ready_deadline_.reset();
    }
}

/// Sends the signal and then SIGCONT, as systemd.kill(5) does, because a stopped process (SIGSTOP)
/// ends only after SIGCONT.
void WaitPlan::ask_for_end(int signal, Now now) {
    pass_on(signal, now);
    pass_on(SIGCONT, now);
}

void WaitPlan::signal_command(int signal) {
    command_nudge_.reset();
    act(Kind::signal_command, signal);
}

void WaitPlan::signal_run(int signal) {
    run_was_asked_ = run_was_asked_ || signal == SIGKILL || process::asks_for_end(signal);
    act(Kind::signal_run, signal);
}

WaitPlan::Actions WaitPlan::run_began(const Run& run, Now now) {
    run_ = Phase::live;
    traits_ = run;
    run_end_.reset();
    run_was_asked_ = false;
    if (run_lives(now) && std::exchange(patience_is_limited_, false))
        act(Kind::lift_patience);
    if (command_runs() && stop_signal_ != 0) {
        // The command may still pass the signal on to the run. If `wrap` is the command, it already
        // has the signal.
        if (!run.is_command)
            run_nudge_ = after(now.time, nudge_after);
    } else if (command_runs() && is_stopping_) {
        // The service manager has received STOPPING=1, and does not expect another run.
        ask_for_end(SIGTERM, now);
    }
    step(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::run_ended(std::optional<ExitStatus> end, Now now) {
    run_ = Phase::ended;
    run_end_ = end;
    run_nudge_.reset();
    if (stop_signal_ != 0 && command_runs() && !command_nudge_)
        command_nudge_ = after(
            now.time, options_.command_is_podman && !is_killing_ ? removal_patience : nudge_after);
    step(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::command_ended(ExitStatus end, Now now) {
    command_end_ = end;
    client_was_aborted_ = options_.command_is_client && !end.success() && aborted_
                          && now.time - *aborted_ < aborted_patience;
    command_nudge_.reset();
    if (nothing_is_left_to_end(now))
        limit_patience();
    return take_actions();
}

void WaitPlan::limit_patience() {
    if (!std::exchange(patience_is_limited_, true))
        act(Kind::limit_patience);
}

WaitPlan::Actions WaitPlan::caught_up(Now now) {
    has_caught_up_ = command_end_.has_value();
    step(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::container_was_not_killed(Now now) {
    if (stop_deadline_ && manager_was_asked_ && !command_was_killed_)
        stop_is_overdue(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::said_ready() {
    is_ready_ = true;
    ready_deadline_.reset();
    if (options_.until_ready)
        finish(ExitStatus::exited(0));
    return take_actions();
}

WaitPlan::Actions WaitPlan::said_stopping() {
    // Ignore the STOPPING=1 of a leftover run, because the service manager does not wait for the
    // end of that run.
    is_stopping_ = is_stopping_ || !traits_.is_leftover;
    return take_actions();
}

void WaitPlan::extend(std::chrono::microseconds span, Time now) {
    for (std::optional<Time>* const deadline : {&ready_deadline_, &stop_deadline_}) {
        if (!*deadline || (deadline == &stop_deadline_ && is_killing_))
            continue;
        const std::optional<Time> end = after(now, span);
        *deadline = end ? std::optional(std::max(**deadline, *end)) : std::nullopt;
    }
}

std::optional<Time> WaitPlan::next_time() const {
    std::optional<Time> next;
    for (const auto& time :
         {ready_deadline_, stop_deadline_, quit_deadline_, grace_, run_nudge_, command_nudge_})
        if (time && (!next || *time < *next))
            next = time;
    return next;
}

WaitPlan::Actions WaitPlan::time_passed(Now now) {
    if (falls_due(ready_deadline_, now.time))
        late(now);
    if (falls_due(grace_, now.time)) {
        grace_is_over_ = true;
        step(now);
    }
    if (falls_due(run_nudge_, now.time) && run_lives(now) && !run_was_asked_)
        signal_run(is_killing_ ? SIGKILL : stop_signal_);
    if (falls_due(command_nudge_, now.time)) {
        command_was_killed_ = command_was_killed_ || is_killing_;
        signal_command(is_killing_ ? SIGKILL : stop_signal_);
    }
    if (falls_due(stop_deadline_, now.time))
        stop_is_overdue(now);
    if (falls_due(quit_deadline_, now.time) && stop_signal_ == SIGQUIT)
        stop_signal_ = 0;
    return take_actions();
}

void WaitPlan::late(Now now) {
    // If nothing is left to end, `wait` will end by itself. But a run may still start.
    if (options_.has_command && nothing_is_left_to_end(now)) {
        limit_patience();
        ready_deadline_ = after(now.time, detached_run_grace);
        return;
    }
    is_late_ = true;
    act(Kind::explain_late);
    if (options_.has_command)
        ask_for_end(SIGTERM, now);
    else
        finish(ExitStatus::exited(process::status_timed_out));
}

/// Kills the app first, through its `wrap`. The app would survive if we killed only the command,
/// which may be a container manager's client or the `wrap` itself. Next, asks the container manager
/// to kill the container, because a paused or stopped run cannot react. Finally, kills the command
/// if it still runs.
void WaitPlan::stop_is_overdue(Now now) {
    // Only messages are left to send. The service manager has its own time limit for this.
    if (nothing_is_left_to_end(now)) {
        limit_patience();
        return;
    }
    if (!std::exchange(is_killing_, true) && run_lives(now)) {
        signal_run(SIGKILL);
        if (options_.can_kill_container) {
            stop_deadline_ = now.time + killed_run_patience;
            return;
        }
    } else if (options_.can_kill_container && !std::exchange(manager_was_asked_, true)) {
        act(Kind::kill_container);
    } else if (command_runs() && !std::exchange(command_was_killed_, true)) {
        signal_command(SIGKILL);
    } else {
        log(Severity::error,
            "the container did not end although it was killed; if it is paused, unpause it");
        finish(command_end_.value_or(ExitStatus::exited(1)));
        return;
    }
    stop_deadline_ = after(now.time, killed_patience);
}

void WaitPlan::step(Now now) {
    if (options_.has_command)
        step_with_command(now);
    else
        step_attached();
}

void WaitPlan::step_attached() {
    if (run_ != Phase::ended)
        return;
    // A service manager that received STOPPING=1, or that stops us, waits for our end.
    if (!options_.keeps_attached || is_stopping_ || stop_signal_ != 0)
        finish(run_end_.value_or(ExitStatus::exited(1)));
}

void WaitPlan::step_with_command(Now now) {
    if (!has_caught_up_)
        return;
    if (run_ == Phase::live) {
        is_detached_ = is_detached_ || command_end_->success();
        // The command has ended and cannot pass a signal on. So ask the run to end if a stop was
        // requested or the command has failed.
        if (client_was_aborted_ && !std::exchange(run_was_asked_, true))
            // The app has received the SIGABRT, too. Give it time to report why it hangs, as
            // systemd does.
            stop_deadline_ = after(now.time, options_.stop_timeout);
        if (!run_was_asked_ && (stop_signal_ != 0 || !command_end_->success()))
            ask_for_end(stop_signal_ != 0 ? stop_signal_ : SIGTERM, now);
    } else if (is_detached_ || run_end_counts()) {
        finish(run_end_.value_or(ExitStatus::exited(1)));
    } else if (run_ == Phase::none && may_bring_run() && !grace_is_over_) {
        if (!grace_)
            grace_ = after(now.time, detached_run_grace);
    } else {
        finish(*command_end_);
    }
}

/// Returns whether a container may still start although the command has ended. This is possible if
/// the command has detached from its container. It is also possible if a client was asked to stop
/// while its daemon (docker) still starts the container.
bool WaitPlan::may_bring_run() const {
    if (options_.command_is_machine)
        return false;
    return command_end_->success() || (options_.command_is_client && stop_signal_ != 0);
}

/// Returns whether the run's end counts instead of the command's end. A client that was stopped
/// together with us (KillMode=control-group) does not know how the app ended. podman 4's client
/// exits with 0, and other clients end by our signal. podman 5's client exits with 1, which would
/// be a real failure of a command that is not a client. A client may also detach from its container
/// so late that the app has already ended.
bool WaitPlan::run_end_counts() const {
    const bool lost_status = command_end_ == ExitStatus::exited(process::status_not_found);
    if (options_.command_is_podman && run_end_ && lost_status)
        return true;
    if (options_.has_members || (options_.command_is_client && command_end_->success()))
        return command_end_->success() && run_ == Phase::ended;
    if ((stop_signal_ == 0 && !client_was_aborted_) || !run_end_)
        return false;
    const int signal = command_end_->signal;
    return command_end_->success() || options_.command_is_client
           || (signal != 0 && run_end_->signal == 0
               && received_.test(static_cast<std::size_t>(signal)));
}

/// Returns whether a service manager would see success although the run broke off. An end by a
/// signal that we received also counts as success.
bool WaitPlan::broke_off_unseen(ExitStatus status) const {
    return options_.has_command && run_ == Phase::ended && !run_end_
           && (status.success() || process::own_exit(status, received_, false).signal != 0);
}

void WaitPlan::finish(ExitStatus status) {
    if (std::exchange(has_finished_, true))
        return;
    const bool is_unready = options_.until_ready && !is_ready_;
    if (is_unready && !is_late_) {
        const std::string_view who = command_end_ ? "the command" : "`wait`";
        log(Severity::error, concat("READY=1 did not arrive before ",
                                    run_ == Phase::ended ? "the container" : who, " ended"));
    }
    if (is_late_)
        status = ExitStatus::exited(process::status_timed_out);
    else if (broke_off_unseen(status) || (is_unready && status.success()))
        status = ExitStatus::exited(1);
    actions_.push_back({Kind::finish, 0, status});
}

}  // namespace notifybridge::wait
