#include <system_error>

#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/unit_types/clean_exit.hpp"
#include "init/rules/unit_types/socket.hpp"

/// Implements the states of a socket unit (systemd.socket(5)): runs ExecStartPre= to ExecStopPost=,
/// applies TimeoutSec=, and kills processes as systemd.kill(5) describes.
namespace notifybridge::unit_types {

using util::concat;

namespace {

/// Returns the state for SIGKILL that follows the SIGTERM state `state`.
SocketState last_signal(SocketState state) {
    return state == SocketState::stop_pre_sigterm ? SocketState::stop_pre_sigkill
                                                  : SocketState::final_sigkill;
}

}  // namespace

/// Starts the first command of this kind, and enters the state for it. Returns false on failure.
bool Socket::begin(CommandKind kind, State state) {
    if (!run(kind, 0))
        return false;
    set_state(state);
    return true;
}

/// Starts a command. Returns false on failure.
bool Socket::run(CommandKind kind, std::size_t index) {
    alarm_.set(now().monotonic, socket().timeout);
    const ProcessRequest request{.unit = *this, .command = list(kind)[index], .environment = {}};
    return control_.start(processes_, request, kind, index).has_value();
}

void Socket::enter_start_pre() {
    control_.forget();
    warn_of_leftovers();
    if (socket().exec_start_pre.empty())
        enter_start_chown();
    else if (!begin(CommandKind::start_pre, State::start_pre))
        enter_dead(Result::resources);
}

/// Opens the sockets. On failure, stops the unit and returns false. Also returns false if the unit
/// must wait for `sockets_opened`.
bool Socket::open() {
    const auto stop = [this](const std::system_error& error, Result result) {
        warn(concat("cannot listen: ", error.what(), '.'));
        sockets_.close_sockets(*this);
        enter_stop_pre(result);
        return false;
    };
    try {
        if (sockets_.open_sockets(*this))
            return true;
    } catch (const OwnerError& error) {
        // In systemd, a control process sets the owner. Its failure has the result "exit-code", so
        // use this result.
        return stop(error, Result::exit_code);
    } catch (const std::system_error& error) {
        return stop(error, Result::resources);
    }
    if (state_ != State::start_chown) {
        alarm_.set(now().monotonic, socket().timeout);
        set_state(State::start_chown);
    }
    return false;
}

/// Opens the sockets. `open` also sets their owner, so the unit leaves the state "start-chown" at
/// once, unless it must wait for a file system.
void Socket::enter_start_chown() {
    if (!open())
        return;
    if (!socket().user.empty() || !socket().group.empty())
        set_state(State::start_chown);
    enter_start_post();
}

void Socket::sockets_opened() {
    if (state_ == State::start_chown && open())
        enter_start_post();
}

void Socket::enter_start_post() {
    control_.forget();
    if (socket().exec_start_post.empty())
        enter_listening();
    else if (!begin(CommandKind::start_post, State::start_post))
        enter_stop_pre(Result::resources);
}

void Socket::enter_listening() {
    if (!socket().accept && socket().flush_pending)
        sockets_.flush_sockets(*this);
    if (watch())
        set_state(State::listening);
}

/// Waits for traffic. If a socket cannot be watched, for example a regular file, stops the unit and
/// returns false.
bool Socket::watch() {
    try {
        sockets_.watch_sockets(*this, true);
    } catch (const std::system_error& error) {
        warn(concat("cannot wait for traffic: ", error.what(), '.'));
        enter_stop_pre(Result::resources);
        return false;
    }
    return is_watched_ = true;
}

void Socket::enter_stop_pre(Result result) {
    note(result);
    control_.forget();
    if (socket().exec_stop_pre.empty())
        enter_stop_post(Result::success);
    else if (!begin(CommandKind::stop_pre, State::stop_pre))
        enter_stop_post(Result::resources);
}

void Socket::enter_stop_post(Result result) {
    note(result);
    control_.forget();
    // Close the sockets before the first command runs, because the command must not find them open.
    // `set_state` closes them only after the command has started.
    sockets_.close_sockets(*this);
    if (socket().exec_stop_post.empty())
        enter_signal(State::final_sigterm, Result::success);
    else if (!begin(CommandKind::stop_post, State::stop_post))
        enter_signal(State::final_sigterm, Result::resources);
}

void Socket::enter_signal(State state, Result result) {
    note(result);
    const bool is_first = state == State::stop_pre_sigterm || state == State::final_sigterm;
    const bool restarts = state == State::stop_pre_sigterm && has_job(manager::JobType::restart);
    const KillOperation operation = !is_first  ? KillOperation::kill
                                    : restarts ? KillOperation::restart
                                               : KillOperation::terminate;
    if (signal_processes(operation)) {
        alarm_.set(now().monotonic, socket().timeout);
        set_state(state);
    } else if (is_first) {
        enter_signal(last_signal(state), Result::success);
    } else {
        continue_after(state, Result::success);
    }
}

/// Continues a stop after the state `state` has ended. In this state, ExecStopPre= or ExecStopPost=
/// ran, or the socket waited for processes that got a signal.
void Socket::continue_after(State state, Result result) {
    if (state == State::stop_pre || state == State::stop_pre_sigterm
        || state == State::stop_pre_sigkill)
        enter_stop_post(result);
    else
        enter_dead(result);
}

void Socket::enter_dead(Result result) {
    note(result);
    set_state(report_failure() ? State::failed : State::dead);
    // After the stop, a restart job has the type "start". So a start job here means a restart.
    processes_.clean_up(*this, has_job(manager::JobType::start));
}

void Socket::process_ended(pid_t pid, process::ExitStatus status, bool dumped_core) {
    if (pid != control_.pid())
        return;
    const ExecStatus run = control_.ended(status, dumped_core, now());
    const Result result = result_of(run, ProcessKind::command, control_command());
    log_end(control_.name(), run, result);
    note(result);
    if (control_.has_command() && result == Result::success && run_next())
        return;
    control_.forget();
    after_control(result);
}

bool Socket::run_next() {
    const auto next = next_control();
    if (!next)
        return false;
    if (run(control_.kind(), *next))
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
        default:
            continue_after(state_, result);
            break;
    }
}

/// Ends the stop when the remaining processes of commands have ended. systemd would wait for the
/// timeout.
void Socket::processes_gone() {
    if (control_.pid() == 0 && (state_ == State::final_sigterm || state_ == State::final_sigkill))
        enter_dead(Result::success);
}

void Socket::deadline_passed() {
    if (poll_alarm_.is_due(now().monotonic)) {
        poll_alarm_.clear();
        poll_limit_.reset();
        watch();
    }
    ProcessUnit::deadline_passed();
}

void Socket::timed_out() {
    warn(concat("timed out in state '", to_string(state_), "'."));
    switch (state_) {
        case State::start_pre:
        case State::start_chown:
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
        case State::final_sigterm:
            if (settings().kill->send_sigkill) {
                enter_signal(last_signal(state_), Result::timeout);
                break;
            }
            [[fallthrough]];
        default:
            continue_after(state_, Result::timeout);
            break;
    }
}

}  // namespace notifybridge::unit_types
