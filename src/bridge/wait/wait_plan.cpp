#include "bridge/wait/wait_plan.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/process/received_end.hpp"
#include "base/util/concat.hpp"
#include "bridge/wait/run_plan.hpp"

namespace notifybridge::wait {
namespace {

using Kind = WaitPlan::Action::Kind;
using Time = WaitPlan::Time;
using process::ExitStatus;
using util::concat;
using util::Severity;

/// How long a command may take to notice that its run is over. A command that received a signal
/// before there was a run may take the same time to pass the signal on.
constexpr std::chrono::seconds nudge_after(1);
/// How long a container manager may take to remove its ended container on a busy machine. A signal
/// would break off podman's removal. docker's client would end while its daemon still removes the
/// container, so that the next start would find the container's name in use.
constexpr std::chrono::seconds removal_patience(5);
/// How long a killed run may take to end before its container manager kills it. In this time,
/// `wrap` kills the processes that the app has left behind.
constexpr std::chrono::seconds killed_run_patience(5);

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
    last_signal_ = signal;
    last_signal_time_ = now.time;
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
/// itself gets a signal that asks for the end. The command then stops the containers in its own
/// order and does not start them again.
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
    else if (command_runs()) {
        was_stopped_before_run_ = was_stopped_before_run_ || (asks_for_end && !has_own_run());
        signal_command(signal);
    } else if (asks_for_end && run_lives(now))
        signal_run(signal);
    else if (!asks_for_end && process::is_terminating(signal))
        log(Severity::warning,
            concat("dropping ", process::signal_name(signal), ": no app is running"));
    if (signal == SIGQUIT) {
        quit_deadline_ = now.time + process::quit_patience;
    } else if (asks_for_end && !stop_deadline_ && !is_killing()) {
        limit_stop(now);
        // A run that was asked to end is not expected to become ready.
        ready_deadline_.reset();
    }
}

void WaitPlan::limit_stop(Now now) {
    stop_deadline_ = after(now.time, options_.stop_timeout);
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
    // The container manager can kill this run, too.
    if (options_.can_kill_container)
        force_ = std::min(force_, Force::killed_run);
    // The container was started again, so the command does not need the signal that ended the run.
    if (stop_signal_ == 0)
        command_nudge_.reset();
    if (run_lives(now) && std::exchange(patience_is_limited_, false))
        act(Kind::lift_patience);
    if (command_runs() && stop_signal_ != 0) {
        // The command may still pass the signal on to the run. If `wrap` is the command, it already
        // has the signal.
        if (!run.is_command)
            run_nudge_ = after(now.time, nudge_after);
    } else if (command_runs() && options_.expects_one_run && own_run_has_ended_) {
        refuse_run(now);
    } else if (command_runs() && is_stopping_) {
        // The service manager has received STOPPING=1, and does not expect another run.
        if (!options_.has_members)
            act(Kind::mute_run);
        ask_for_end(SIGTERM, now);
    }
    step(now);
    return take_actions();
}

/// Returns the signal that we have just passed on, if it has ended the run. The command then gets
/// this signal, too. SIGABRT is for the app alone, because the command is not what hangs.
int WaitPlan::signal_that_ended(std::optional<ExitStatus> end, Time now) const {
    const bool is_recent =
        last_signal_ != SIGABRT && now - last_signal_time_ < process::signal_effect;
    const int signal = end ? process::received_end(*end, received_) : 0;
    return is_recent && signal == last_signal_ ? signal : 0;
}

WaitPlan::Actions WaitPlan::run_ended(std::optional<ExitStatus> end, Now now) {
    run_ = Phase::ended;
    run_end_ = end;
    own_run_has_ended_ = own_run_has_ended_ || !traits_.is_leftover;
    run_nudge_.reset();
    log_desertion();
    const int signal = stop_signal_ != 0 ? stop_signal_ : signal_that_ended(end, now.time);
    if (signal != 0 && command_runs() && !command_nudge_) {
        nudge_signal_ = signal;
        command_nudge_ =
            after(now.time, options_.manager && !is_killing() ? removal_patience : nudge_after);
    }
    step(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::command_ended(ExitStatus end, Now now, bool by_shared_signal) {
    command_end_ = end;
    client_end_ = client_end(end, now.time, by_shared_signal);
    command_nudge_.reset();
    if (nothing_is_left_to_end(now))
        limit_patience();
    return take_actions();
}

WaitPlan::ClientEnd WaitPlan::client_end(ExitStatus end, Time now, bool by_shared_signal) const {
    if (!options_.command_is_client)
        return ClientEnd::by_itself;
    if (!end.success() && aborted_ && now - *aborted_ < process::signal_effect)
        return ClientEnd::aborted;
    // `systemctl kill` signals all processes of a unit, although the signal is for the app.
    if (by_shared_signal && end.signal != SIGABRT && !process::asks_for_end(end.signal)
        && !was_told_to_end())
        return ClientEnd::shared_signal;
    return ClientEnd::by_itself;
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

WaitPlan::Actions WaitPlan::manager_answered(bool has_succeeded, Now now) {
    if (removal_ == Removal::asked)
        end_removal(now);
    else if (!has_succeeded && stop_deadline_ && force_ == Force::asked_manager)
        stop_is_overdue(now);
    return take_actions();
}

/// Ends the wait for the removal of a container, which cannot bring a run any more.
void WaitPlan::end_removal(Now now) {
    removal_ = Removal::over;
    grace_is_over_ = true;
    step(now);
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
        if (!*deadline || (deadline == &stop_deadline_ && is_killing()))
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
        signal_run(is_killing() ? SIGKILL : stop_signal_);
    if (falls_due(command_nudge_, now.time)) {
        if (is_killing())
            force_ = Force::killed_command;
        signal_command(is_killing() ? SIGKILL : nudge_signal_);
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
/// to kill the container, because a paused or stopped run cannot react. This needs a run: before, a
/// container with this name may not be ours. Finally, kills the command if it still runs.
void WaitPlan::stop_is_overdue(Now now) {
    // Only messages are left to send. The service manager has its own time limit for this.
    if (nothing_is_left_to_end(now)) {
        limit_patience();
        if (removal_ == Removal::asked)
            end_removal(now);
        return;
    }
    if (std::exchange(force_, std::max(force_, Force::killed_run)) == Force::none
        && run_lives(now)) {
        signal_run(SIGKILL);
        if (options_.can_kill_container) {
            stop_deadline_ = now.time + killed_run_patience;
            return;
        }
    } else if (force_ < Force::asked_manager && options_.can_kill_container && has_seen_run()) {
        force_ = Force::asked_manager;
        act(Kind::kill_container);
    } else if (force_ < Force::killed_command && command_runs()) {
        force_ = Force::killed_command;
        signal_command(SIGKILL);
    } else {
        log(Severity::error,
            "the container did not end although it was killed; if it is paused, unpause it");
        finish(command_end_.value_or(ExitStatus::exited(1)));
        return;
    }
    stop_deadline_ = after(now.time, killed_patience);
}

}  // namespace notifybridge::wait
