#include <system_error>

#include "base/util/concat.hpp"
#include "init/manager/engine.hpp"
#include "init/unit_types/clean_exit.hpp"
#include "init/unit_types/kill_plan.hpp"
#include "init/unit_types/socket.hpp"

/// How a socket goes from one state to the next: systemd.socket(5), ExecStartPre= to ExecStopPost=,
/// TimeoutSec=, and systemd.kill(5).
namespace notifybridge::unit_types {

using util::concat;

/// Starts a command. False where there can be no process.
bool Socket::run(SocketCommand kind, std::size_t index) {
    const unit::Commands& list = commands(socket(), kind);
    if (index >= list.size())
        return false;
    alarm_.set(now(), socket().timeout);
    const manager::ProcessRequest request{.unit = *this, .command = list[index], .environment = {}};
    try {
        control_pid_ = performer().start_process(request).pid;
    } catch (const std::system_error& error) {
        warn(concat(to_string(kind), "= cannot be run: ", error.what(), '.'));
        return false;
    }
    control_command_ = Control{kind, index};
    slot(kind, index) = ExecStatus::started(control_pid_, performer().now());
    return true;
}

ExecStatus& Socket::slot(SocketCommand kind, std::size_t index) {
    auto& statuses = exec_statuses_[static_cast<std::size_t>(kind)];
    if (statuses.size() <= index)
        statuses.resize(index + 1);
    return statuses[index];
}

void Socket::enter_start_pre() {
    control_pid_ = 0;
    if (performer().has_processes(*this))
        warn("Processes that an earlier run left are still there.");
    if (socket().exec_start_pre.empty())
        enter_start_chown();
    else if (run(SocketCommand::start_pre, 0))
        set_state(State::start_pre);
    else
        enter_dead(Result::resources);
}

/// The owner is set as the sockets are made, so that the state is passed through.
void Socket::enter_start_chown() {
    try {
        performer().open_sockets(*this);
    } catch (const std::system_error& error) {
        warn(concat("Cannot listen: ", error.what(), '.'));
        performer().close_sockets(*this);
        // systemd gives them to their owner in a process of its own, which fails then.
        const bool is_owner = dynamic_cast<const manager::OwnerError*>(&error) != nullptr;
        enter_stop_pre(is_owner ? Result::exit_code : Result::resources);
        return;
    }
    if (!socket().user.empty() || !socket().group.empty())
        set_state(State::start_chown);
    enter_start_post();
}

void Socket::enter_start_post() {
    control_pid_ = 0;
    if (socket().exec_start_post.empty())
        enter_listening();
    else if (run(SocketCommand::start_post, 0))
        set_state(State::start_post);
    else
        enter_stop_pre(Result::resources);
}

void Socket::enter_listening() {
    if (!socket().accept && socket().flush_pending)
        performer().flush_sockets(*this);
    if (watch())
        set_state(State::listening);
}

/// False where that cannot be, as for a regular file: then it stops.
bool Socket::watch() {
    try {
        performer().watch_sockets(*this, true);
    } catch (const std::system_error& error) {
        warn(concat("Cannot wait for traffic: ", error.what(), '.'));
        enter_stop_pre(Result::resources);
        return false;
    }
    return is_watched_ = true;
}

void Socket::enter_stop_pre(Result result) {
    note(result);
    control_pid_ = 0;
    if (socket().exec_stop_pre.empty())
        enter_stop_post(Result::success);
    else if (run(SocketCommand::stop_pre, 0))
        set_state(State::stop_pre);
    else
        enter_stop_post(Result::resources);
}

void Socket::enter_stop_post(Result result) {
    note(result);
    control_pid_ = 0;
    // Before the commands, which would find it open where they are quick, and not by the state.
    performer().close_sockets(*this);
    if (socket().exec_stop_post.empty())
        enter_signal(State::final_sigterm, Result::success);
    else if (run(SocketCommand::stop_post, 0))
        set_state(State::stop_post);
    else
        enter_signal(State::final_sigterm, Result::resources);
}

void Socket::enter_signal(State state, Result result) {
    note(result);
    const bool is_first = state == State::stop_pre_sigterm || state == State::final_sigterm;
    const bool restarts = state == State::stop_pre_sigterm && has_job(manager::JobType::restart);
    const KillOperation operation = !is_first  ? KillOperation::kill
                                    : restarts ? KillOperation::restart
                                               : KillOperation::terminate;
    const auto request = plan_kill(settings().kill, operation, 0, control_pid_);
    if (request && performer().kill(*this, *request)) {
        alarm_.set(now(), socket().timeout);
        set_state(state);
    } else if (state == State::stop_pre_sigterm) {
        enter_signal(State::stop_pre_sigkill, Result::success);
    } else if (state == State::stop_pre_sigkill) {
        enter_stop_post(Result::success);
    } else if (state == State::final_sigterm) {
        enter_signal(State::final_sigkill, Result::success);
    } else {
        enter_dead(Result::success);
    }
}

void Socket::enter_dead(Result result) {
    note(result);
    const bool is_failure = result_ != Result::success;
    if (is_failure)
        warn(concat("Failed with result '", to_string(result_), "'."));
    set_state(is_failure ? State::failed : State::dead);
    performer().clean_up(*this,
                         has_job(manager::JobType::start) || has_job(manager::JobType::restart));
}

void Socket::process_ended(pid_t pid, process::ExitStatus status, bool dumped_core) {
    if (pid <= 0 || pid != control_pid_)
        return;
    control_pid_ = 0;
    ExecStatus run;
    if (control_command_)
        run = slot(control_command_->kind, control_command_->index);
    run.pid = pid;
    run.ended(status, dumped_core, performer().now());
    if (control_command_)
        slot(control_command_->kind, control_command_->index) = run;
    const Result result = result_of(run);
    if (result != Result::success)
        performer().say(
            util::Severity::notice, this,
            concat(control_command_ ? to_string(control_command_->kind) : "Control process",
                   " ended: ", run.code_name(), ", status ", run.number_name(), '.'));
    note(result);
    if (control_command_ && result == Result::success && run_next())
        return;
    control_command_.reset();
    after_control(result);
}

Socket::Result Socket::result_of(const ExecStatus& run) const {
    const bool ignores_failure =
        control_command_
        && commands(socket(), control_command_->kind)[control_command_->index].ignores_failure;
    if (ignores_failure || is_clean_exit(run, ProcessKind::command, {}))
        return Result::success;
    if (run.status.signal == 0)
        return Result::exit_code;
    return run.dumped_core ? Result::core_dump : Result::signal;
}

bool Socket::run_next() {
    const auto [kind, index] = *control_command_;
    if (index + 1 >= commands(socket(), kind).size())
        return false;
    if (run(kind, index + 1))
        return true;
    if (state_ == State::start_post)
        enter_stop_pre(Result::resources);
    else if (state_ == State::stop_post)
        enter_dead(Result::resources);
    else
        enter_signal(State::final_sigterm, Result::resources);
    return true;
}

void Socket::after_control(Result result) {
    const bool is_success = result == Result::success;
    switch (state_) {
        case State::start_pre:
            if (is_success)
                enter_start_chown();
            else
                enter_signal(State::final_sigterm, result);
            break;
        case State::start_post:
            if (is_success)
                enter_listening();
            else
                enter_stop_pre(result);
            break;
        case State::stop_pre:
        case State::stop_pre_sigterm:
        case State::stop_pre_sigkill:
            enter_stop_post(result);
            break;
        default:
            enter_dead(result);
            break;
    }
}

/// What commands left behind is gone too. systemd would wait for the time-out.
void Socket::processes_gone() {
    if (control_pid_ > 0)
        return;
    if (state_ == State::stop_pre_sigterm || state_ == State::stop_pre_sigkill)
        enter_stop_post(Result::success);
    else if (state_ == State::final_sigterm || state_ == State::final_sigkill)
        enter_dead(Result::success);
}

void Socket::deadline_passed() {
    if (poll_alarm_.is_due(now())) {
        poll_alarm_.clear();
        poll_limit_.reset();
        watch();
    }
    if (alarm_.is_due(now())) {
        alarm_.clear();
        warn(concat("Timed out in state '", to_string(state_), "'."));
        timed_out();
    }
}

void Socket::timed_out() {
    const bool kills = settings().kill->send_sigkill;
    switch (state_) {
        case State::start_pre:
        case State::stop_post:
            enter_signal(State::final_sigterm, Result::timeout);
            break;
        case State::start_post:
            enter_stop_pre(Result::timeout);
            break;
        case State::stop_pre:
            enter_signal(State::stop_pre_sigterm, Result::timeout);
            break;
        case State::stop_pre_sigterm:
            if (kills)
                enter_signal(State::stop_pre_sigkill, Result::timeout);
            else
                enter_stop_post(Result::timeout);
            break;
        case State::stop_pre_sigkill:
            enter_stop_post(Result::timeout);
            break;
        case State::final_sigterm:
            if (kills)
                enter_signal(State::final_sigkill, Result::timeout);
            else
                enter_dead(Result::timeout);
            break;
        default:
            enter_dead(Result::timeout);
            break;
    }
}

}  // namespace notifybridge::unit_types
