// This part of WaitPlan decides what follows the end of a run or command, and the exit status.

#include <signal.h>

#include <utility>

#include "base/util/concat.hpp"
#include "base/util/tags.hpp"
#include "bridge/wait/wait_plan.hpp"

namespace notifybridge::wait {

using process::ExitStatus;
using util::concat;
using util::Severity;

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
        outlive(now);
    } else if (const auto request = removal();
               request && removal_ == Removal::none && force_ != Force::asked_manager) {
        removal_ = Removal::asked;
        if (!stop_deadline_)
            limit_stop(now);
        act(*request);
    } else if (removal_ == Removal::asked) {
        return;
    } else if (outlives_ == Outlives::detached || run_end_counts()) {
        finish(run_end_.value_or(ExitStatus::exited(1)));
    } else if (run_ == Phase::none && may_bring_run() && !grace_is_over_) {
        if (!grace_)
            grace_ = now.time + detached_run_grace;
    } else {
        finish(*command_end_);
    }
}

/// Decides about a run whose command has ended, and cannot pass a signal on. Asks the run to end if
/// a stop was requested or the command has failed.
void WaitPlan::outlive(Now now) {
    if (outlives_ == Outlives::none) {
        const bool lost_client = client_end_ == ClientEnd::shared_signal;
        const bool is_detached = command_end_->success() || lost_client;
        outlives_ = is_detached ? Outlives::detached : Outlives::stopped;
        if (lost_client && run_lives(now))
            log(Severity::warning,
                concat("the command ", process::describe(*command_end_),
                       ", and the app goes on without it; in a unit, `systemctl kill "
                       "--kill-whom=main` signals only the app ",
                       tags::command_ended));
    }
    if (client_end_ == ClientEnd::aborted && !std::exchange(run_was_asked_, true))
        // The app has received the SIGABRT, too. Give it time to report why it hangs, as systemd
        // does.
        limit_stop(now);
    if (!run_was_asked_ && stop_signal_ != 0)
        ask_for_end(stop_signal_, now);
    else if (!run_was_asked_ && outlives_ != Outlives::detached)
        desert_run(now);
}

/// Ends a run that still lives although its command has failed and nobody requested a stop. The
/// command's exit status then counts, so that the failure is seen even if the app ends with 0.
void WaitPlan::desert_run(Now now) {
    outlives_ = Outlives::deserted;
    ask_for_end(SIGTERM, now);
}

/// Ends a container that another program has started again. The command's client does not notice
/// the new start, or fails after some time, and copies none of the app's output.
void WaitPlan::refuse_run(Now now) {
    was_started_by_others_ = true;
    log(Severity::error,
        concat("another program has started the container again, as `podman restart` and `docker "
               "restart` do; ending it: restart the unit instead ",
               tags::started_again));
    ask_for_end(SIGTERM, now);
}

/// Returns whether the command failed before its run ended. If both have the same exit status, the
/// run may have ended first: some file systems show the end of a run late.
bool WaitPlan::was_deserted() const {
    return outlives_ == Outlives::deserted && run_end_ != command_end_;
}

void WaitPlan::log_desertion() {
    if (was_deserted())
        log(Severity::warning, concat("the command ", process::describe(*command_end_),
                                      " while the app was still running; `wait` ended the app ",
                                      tags::command_failed));
}

/// Returns whether a container may still start although the command has ended. This is possible if
/// the command has detached from its container. It is also possible if a client was asked to stop
/// while its daemon (docker) still starts the container.
bool WaitPlan::may_bring_run() const {
    if (options_.command_is_machine)
        return false;
    return command_end_->success() || (options_.command_is_client && stop_signal_ != 0);
}

/// Returns what to do about a container that the ended command may have left. podman's client ends
/// at a stop that arrives while it creates the container, and leaves the container's first process
/// and its monitor. They ignore SIGTERM, so that systemd would wait for them until TimeoutStopSec=.
/// If the client has even started the container, podman does not know this, and keeps the
/// container.
///
/// A client that ends before its container (--detach, or KillMode=control-group) does not wait
/// until podman's monitor has removed the container. The next start would find its name in use.
std::optional<WaitPlan::Action::Kind> WaitPlan::removal() const {
    if (!options_.can_discard_container)
        return std::nullopt;
    if (was_stopped_before_run_ && (!has_own_run() || has_monitor()))
        return Action::Kind::discard_container;
    if (has_own_run() && has_monitor() && options_.removes_container && removal_is_unseen())
        return Action::Kind::remove_container;
    return std::nullopt;
}

/// Returns whether podman's client may have ended without waiting for the removal. A stop that ends
/// the client, too, may end it after the run on a busy machine. It then exits with 0 (podman 4) or
/// with another status than the app, or a second signal kills it. If the app exits with 0, too,
/// only podman's storage shows whether the container is left; the container killer looks there.
bool WaitPlan::removal_is_unseen() const {
    const bool was_signalled = stop_signal_ != 0 || client_end_ == ClientEnd::aborted;
    return outlives_ != Outlives::none
           || (was_signalled
               && (command_end_->success() || command_end_->signal != 0 || !run_end_
                   || command_end_->shell_status() != run_end_->shell_status()));
}

/// Returns whether the run's end counts instead of the command's end. A client that was stopped
/// together with us (KillMode=control-group) does not know how the app ended. podman 4's client
/// exits with 0, and other clients die of the same signal. podman 5's client exits with 1, which
/// would be a real failure of a command that is not a client. A client may also detach from its
/// container so late that the app has already ended.
bool WaitPlan::run_end_counts() const {
    if (outlives_ == Outlives::deserted)
        return false;
    const bool lost_status = command_end_ == ExitStatus::exited(process::status_not_found);
    if (has_monitor() && run_end_ && lost_status)
        return true;
    if (options_.has_members || (options_.command_is_client && command_end_->success()))
        return command_end_->success() && run_ == Phase::ended;
    if ((stop_signal_ == 0 && client_end_ != ClientEnd::aborted) || !run_end_)
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

/// Returns whether a service manager would see success although the command failed before its run
/// ended. An example is a command that was killed by a SIGHUP, which this process also received.
bool WaitPlan::is_deserted_unseen(ExitStatus status) const {
    return was_deserted() && !was_told_to_end()
           && process::own_exit(status, received_, false).signal != 0;
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
    else if (was_started_by_others_ || broke_off_unseen(status) || is_deserted_unseen(status)
             || (is_unready && status.success()))
        status = ExitStatus::exited(1);
    actions_.push_back({Action::Kind::finish, 0, status});
}

}  // namespace notifybridge::wait
