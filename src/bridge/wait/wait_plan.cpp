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

/// After a command that may have left a container to come up: how long that may take.
constexpr std::chrono::seconds detached_run_grace(1);
/// How long a command may take to see by itself that its run is over, or to bring a signal that it
/// got before there was a run.
constexpr std::chrono::seconds nudge_after(1);
/// How long a run that was killed may take to end before its container manager kills it. By then
/// `wrap` has killed what the app left behind.
constexpr std::chrono::seconds killed_run_patience(5);

/// After a SIGABRT, how long it may take until the command is seen to have died of it.
constexpr std::chrono::seconds aborted_patience(5);

/// The end of a span that may be without one.
std::optional<Time> after(Time now, std::chrono::microseconds span) {
    if (span >= std::chrono::microseconds::max() - now)
        return std::nullopt;
    return now + span;
}

/// Whether it is over; then it is forgotten.
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

/// Without a command, what asks for an end asks for ours, and so does the watchdog's SIGABRT where
/// there is no app that it could be for.
bool WaitPlan::leaves_alone(int signal) const {
    if (options_.has_command)
        return false;
    if (signal == SIGABRT)
        return !run_lives();
    return process::asks_for_end(signal) && !(options_.stops_run && run_lives());
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

WaitPlan::Actions WaitPlan::signalled(int signal, Time now) {
    received_.set(static_cast<std::size_t>(signal));
    if (signal == SIGABRT)
        aborted_ = now;
    if (!has_begun_ && process::is_terminating(signal)) {
        finish(ExitStatus::killed(signal));
    } else if (leaves_alone(signal)) {
        log(Severity::info,
            concat(process::signal_name(signal), ": the container goes on without us"));
        finish(ExitStatus::exited(0));
    } else {
        pass_on(signal, now);
    }
    return take_actions();
}

/// Programs that start several containers stop them in their order, and start none of them again.
bool WaitPlan::is_for_run(int signal) const {
    const bool is_for_command =
        options_.has_members && command_runs() && process::asks_for_end(signal);
    return run_lives() && !is_for_command;
}

/// To the app, if it can be reached; else to the command, which may know the way.
void WaitPlan::pass_on(int signal, Time now) {
    const bool asks_for_end = process::asks_for_end(signal);
    if (asks_for_end)
        stop_signal_ = signal;
    if (is_for_run(signal))
        signal_run(signal);
    else if (command_runs())
        signal_command(signal);
    else if (asks_for_end && run_lives())
        signal_run(signal);
    else if (!asks_for_end && process::is_terminating(signal))
        log(Severity::warning,
            concat(process::signal_name(signal),
                   " reaches nobody: there is no app that it could be passed on to"));
    if (signal == SIGQUIT) {
        quit_deadline_ = now + process::quit_patience;
    } else if (asks_for_end && !stop_deadline_ && !is_killing_) {
        stop_deadline_ = after(now, options_.stop_timeout);
        // What is to end need not become ready any more.
        ready_deadline_.reset();
    }
}

/// What is stopped (SIGSTOP) ends only once it continues: systemd.kill(5) sends SIGCONT along, too.
void WaitPlan::ask_for_end(int signal, Time now) {
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

WaitPlan::Actions WaitPlan::run_began(const Run& run, Time now) {
    run_ = Phase::live;
    traits_ = run;
    run_end_.reset();
    run_was_asked_ = false;
    if (run_lives() && std::exchange(patience_is_limited_, false))
        act(Kind::lift_patience);
    if (command_runs() && stop_signal_ != 0) {
        // The command may still bring it the signal; a `wrap` that is the command has it.
        if (!run.is_command)
            run_nudge_ = after(now, nudge_after);
    } else if (command_runs() && is_stopping_) {
        // To the manager the run that said STOPPING=1 was the last.
        ask_for_end(SIGTERM, now);
    }
    step(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::run_ended(std::optional<ExitStatus> end, Time now) {
    run_ = Phase::ended;
    run_end_ = end;
    run_nudge_.reset();
    if (stop_signal_ != 0 && command_runs() && !command_nudge_)
        command_nudge_ = after(now, nudge_after);
    step(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::command_ended(ExitStatus end, Time now) {
    command_end_ = end;
    client_was_aborted_ = options_.command_is_client && !end.success() && aborted_
                          && now - *aborted_ < aborted_patience;
    command_nudge_.reset();
    if (nothing_is_left_to_end())
        limit_patience();
    return take_actions();
}

void WaitPlan::limit_patience() {
    if (!std::exchange(patience_is_limited_, true))
        act(Kind::limit_patience);
}

WaitPlan::Actions WaitPlan::caught_up(Time now) {
    has_caught_up_ = command_end_.has_value();
    step(now);
    return take_actions();
}

WaitPlan::Actions WaitPlan::container_was_not_killed(Time now) {
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
    // One that we end, as it was left behind, is not what the manager waits for the end of.
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

WaitPlan::Actions WaitPlan::time_passed(Time now) {
    if (falls_due(ready_deadline_, now))
        late(now);
    if (falls_due(grace_, now)) {
        grace_is_over_ = true;
        step(now);
    }
    if (falls_due(run_nudge_, now) && run_lives() && !run_was_asked_)
        signal_run(is_killing_ ? SIGKILL : stop_signal_);
    if (falls_due(command_nudge_, now)) {
        command_was_killed_ = command_was_killed_ || is_killing_;
        signal_command(is_killing_ ? SIGKILL : stop_signal_);
    }
    if (falls_due(stop_deadline_, now))
        stop_is_overdue(now);
    if (falls_due(quit_deadline_, now) && stop_signal_ == SIGQUIT)
        stop_signal_ = 0;
    return take_actions();
}

void WaitPlan::late(Time now) {
    // It is over, and ends as it does by itself; a run that is still to come may have its time.
    if (options_.has_command && nothing_is_left_to_end()) {
        limit_patience();
        ready_deadline_ = after(now, detached_run_grace);
        return;
    }
    is_late_ = true;
    act(Kind::explain_late);
    if (options_.has_command)
        ask_for_end(SIGTERM, now);
    else
        finish(ExitStatus::exited(process::status_timed_out));
}

/// First the run is killed, as a runtime's client that is killed leaves its container alive, and a
/// `wrap` that is the command itself what it runs. A run that is paused or stopped cannot act on
/// that, so the container manager is asked next; then the command is killed, if it stays.
void WaitPlan::stop_is_overdue(Time now) {
    // What was said is still on its way, for which the manager has its own time.
    if (nothing_is_left_to_end()) {
        limit_patience();
        return;
    }
    if (!std::exchange(is_killing_, true) && run_lives()) {
        signal_run(SIGKILL);
        if (options_.can_kill_container) {
            stop_deadline_ = now + killed_run_patience;
            return;
        }
    } else if (options_.can_kill_container && !std::exchange(manager_was_asked_, true)) {
        act(Kind::kill_container);
    } else if (command_runs() && !std::exchange(command_was_killed_, true)) {
        signal_command(SIGKILL);
    } else {
        log(Severity::error,
            "the container did not end, though it was killed; one that is paused ends once it is "
            "not");
        finish(command_end_.value_or(ExitStatus::exited(1)));
        return;
    }
    stop_deadline_ = after(now, killed_patience);
}

void WaitPlan::step(Time now) {
    if (options_.has_command)
        step_with_command(now);
    else
        step_attached();
}

void WaitPlan::step_attached() {
    if (run_ != Phase::ended)
        return;
    // A manager that has heard STOPPING=1 waits for our end, and so does one that stops us.
    if (!options_.keeps_attached || is_stopping_ || stop_signal_ != 0)
        finish(run_end_.value_or(ExitStatus::exited(1)));
}

void WaitPlan::step_with_command(Time now) {
    if (!has_caught_up_)
        return;
    if (run_ == Phase::live) {
        is_detached_ = is_detached_ || command_end_->success();
        // A client that fails, or is about to exit with 0, loses what is sent to it.
        if (client_was_aborted_ && !std::exchange(run_was_asked_, true))
            // The app has the SIGABRT, too, and may say why it hangs, as systemd lets it.
            stop_deadline_ = after(now, options_.stop_timeout);
        if (!run_was_asked_ && (stop_signal_ != 0 || !command_end_->success()))
            ask_for_end(stop_signal_ != 0 ? stop_signal_ : SIGTERM, now);
    } else if (is_detached_ || run_knows_better()) {
        finish(run_end_.value_or(ExitStatus::exited(1)));
    } else if (run_ == Phase::none && may_bring_run() && !grace_is_over_) {
        if (!grace_)
            grace_ = after(now, detached_run_grace);
    } else {
        finish(*command_end_);
    }
}

/// Whether a container may come up though the command has ended: it detached from one, or it was
/// told to end and had asked a daemon for one, which that starts all the same (docker).
bool WaitPlan::may_bring_run() const {
    return command_end_->success() || (options_.command_is_client && stop_signal_ != 0);
}

/// Whether the command is a client that was stopped with us, as with KillMode=control-group, and so
/// does not know how the app ended: as if nothing had been (podman 4's exits 0), or by our signal.
/// podman 5's exits 1, which of any other command may be an end that counts.
/// One that detached may have done so when the app had ended already.
bool WaitPlan::run_knows_better() const {
    if (options_.has_members || (options_.command_is_client && command_end_->success()))
        return command_end_->success() && run_ == Phase::ended;
    if ((stop_signal_ == 0 && !client_was_aborted_) || !run_end_)
        return false;
    const int signal = command_end_->signal;
    return command_end_->success() || options_.command_is_client
           || (signal != 0 && run_end_->signal == 0
               && received_.test(static_cast<std::size_t>(signal)));
}

/// Whether a manager would take for a success what was none, though the command thinks so: also an
/// end by a signal that we received is one.
bool WaitPlan::broke_off_unseen(ExitStatus status) const {
    return options_.has_command && run_ == Phase::ended && !run_end_
           && (status.success() || process::own_exit(status, received_, false).signal != 0);
}

void WaitPlan::finish(ExitStatus status) {
    if (std::exchange(has_finished_, true))
        return;
    const bool is_unready = options_.until_ready && !is_ready_;
    if (is_unready && !is_late_)
        log(Severity::error, "it ended before it was ready");
    if (is_late_)
        status = ExitStatus::exited(process::status_timed_out);
    else if (broke_off_unseen(status) || (is_unready && status.success()))
        status = ExitStatus::exited(1);
    actions_.push_back({Kind::finish, 0, status});
}

}  // namespace notifybridge::wait
