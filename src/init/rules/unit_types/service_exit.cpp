#include "init/rules/unit_types/service.hpp"

/// Reacts to the end of a service's processes.
namespace notifybridge::unit_types {

/// Returns the result of a process. `command` is the command that the process ran, or null if the
/// command is not known.
Result Service::service_result(const ExecStatus& run, ProcessKind kind,
                               const unit::Command* command) const {
    if (run.pid == refused_pid_)
        return Result::resources;
    return result_of(run, kind, command, service().success_exit_status);
}

void Service::process_ended(pid_t pid, process::ExitStatus status, bool dumped_core) {
    if (pid == main_.pid()) {
        // The daemon may have made another process its main process, and written the new pid to the
        // PID file.
        if (load_pid_file(false) == PidFileOutcome::changed)
            return;
        main_.set_pid(0);
        exec_main_.ended(status, dumped_core, now());
        main_.record(exec_main_);
        main_ended();
    } else if (pid == control_.pid()) {
        control_ended(control_.ended(status, dumped_core, now()));
    }
    if (pid == refused_pid_)
        refused_pid_ = 0;
    // The next command of a list has a new deadline, although the state of the service is the same.
    deadline_changed();
}

void Service::main_ended() {
    const unit::Commands& list = service().exec_start;
    // For Type=forking, ExecStart= left this main process behind. In this case, the command of
    // ExecStart= determines the result.
    const unit::Command* const command = main_.has_command() ? main_.command(list)
                                         : list.empty()      ? nullptr
                                                             : &list.front();
    const bool is_oneshot = service().type == unit::ServiceType::oneshot;
    const Result result = service_result(
        exec_main_, is_oneshot ? ProcessKind::command : ProcessKind::daemon, command);
    log_end("Main process", exec_main_, result);
    note(result);

    // Run the next command only in the state "start". In any other state, a signal has ended the
    // command.
    const bool goes_on = result == Result::success && state_ == State::start;
    if (main_.has_command() && is_oneshot && goes_on && run_next_main())
        return;
    main_.forget();
    // If ExitType=cgroup, only the end of the last process counts.
    if (service().exit_type == unit::ExitType::main
        || (control_.pid() == 0 && !surroundings().has_processes(*this)))
        after_main(result);
}

void Service::after_main(Result result) {
    // In some states, the service waits for the end of the control process first.
    const bool is_alone = control_.pid() == 0;
    if (state_ == State::start)
        after_main_in_start(result);
    else if (state_ == State::running)
        enter_running(result);
    else if (!is_alone)
        return;
    else if (state_ == State::start_post || is_reloading(state_))
        enter_stop(result);
    else if (is_stop_signal(state_))
        enter_stop_post(result);
    else if (state_ == State::stop_post)
        enter_signal(State::final_sigterm, result);
    else
        enter_dead(result, true);
}

void Service::after_main_in_start(Result result) {
    const bool is_success = result == Result::success;
    if (service().type == unit::ServiceType::oneshot) {
        if (is_success)
            enter_start_post();
        else
            enter_signal(State::stop_sigterm, result);
    } else if (is_notifying()) {
        // If RemainAfterExit= is set, another process may still send READY=1, unless
        // NotifyAccess=main.
        if (!is_success)
            enter_signal(State::stop_sigterm, result);
        else if (!service().remain_after_exit || notify_access() == unit::NotifyAccess::main)
            enter_signal(State::stop_sigterm, Result::protocol);
    } else {
        enter_running(result);
    }
}

/// Returns the result of a command of ExecCondition= (systemd.service(5)). A status from 1 to 254
/// means that the condition does not hold, which is not a failure.
Result Service::condition_result_of(Result result, const ExecStatus& run) {
    const bool is_unmet = result == Result::exit_code && run.status.code < 255;
    if (is_unmet || result == Result::success)
        condition_result = !is_unmet;
    return is_unmet ? Result::exec_condition : result;
}

void Service::control_ended(const ExecStatus& run) {
    const bool is_daemon = control_.has_command() && control_.kind() == CommandKind::start;
    Result result = service_result(run, is_daemon ? ProcessKind::daemon : ProcessKind::command,
                                   control_command());
    if (state_ == State::condition)
        result = condition_result_of(result, run);
    log_end(control_.name(), run, result);
    // A failed reload does not change the service's result.
    if (state_ != State::reload)
        note(result);

    const bool was_told_to_end = is_stop_signal(state_) || is_final_signal(state_);
    const bool goes_on = control_.has_command() && result == Result::success && !was_told_to_end;
    if (goes_on && run_next_control())
        return;
    control_.forget();
    after_control(state_, result);
}

void Service::after_control(State state, Result result) {
    const bool is_success = result == Result::success;
    const bool is_alone = main_life() != Life::alive;
    if (state == State::condition || state == State::start_pre) {
        if (!is_success)
            enter_signal(State::stop_sigterm, result);
        else if (state == State::condition)
            enter_start_pre();
        else
            enter_start();
    } else if (state == State::start) {
        if (service().type == unit::ServiceType::forking)
            after_forking(result);
    } else if (state == State::start_post) {
        after_start_post(result);
    } else if (is_reloading(state)) {
        after_reload(result);
    } else if (state == State::stop) {
        enter_signal(State::stop_sigterm, result);
    } else if (is_alone && is_stop_signal(state)) {
        enter_stop_post(result);
    } else if (is_alone && state == State::stop_post) {
        enter_signal(State::final_sigterm, result);
    } else if (is_alone) {
        enter_dead(result, true);
    }
}

/// Handles the end of the process of ExecStart=, which has left the daemon behind.
void Service::after_forking(Result result) {
    if (result != Result::success) {
        enter_signal(State::stop_sigterm, result);
        return;
    }
    if (service().pid_file->empty()) {
        find_main_pid();
        if (has_lost_daemon()) {
            enter_signal(State::stop_sigterm, Result::protocol);
            return;
        }
    } else if (load_pid_file(service().exec_start_post->empty()) == PidFileOutcome::none
               && service().exec_start_post->empty()) {
        // Wait for the PID file. Commands of ExecStartPost= may still write this file.
        if (!demand_pid_file())
            enter_signal(State::stop_sigterm, Result::protocol);
        return;
    }
    enter_start_post();
}

void Service::after_start_post(Result result) {
    if (result != Result::success) {
        enter_signal(State::stop_sigterm, result);
        return;
    }
    if (service().pid_file->empty()) {
        find_main_pid();
    } else if (load_pid_file(true) == PidFileOutcome::none) {
        if (!demand_pid_file())
            enter_stop(Result::protocol);
        return;
    }
    enter_running(Result::success);
}

void Service::after_reload(Result result) {
    if (result == Result::success && load_pid_file(true) == PidFileOutcome::none)
        find_main_pid();
    reload_result_ = result;
    // ExecReload= has ended, but RELOADING=1 has reported that the service's own reload continues.
    if (messages_.phase == ServiceMessages::Phase::reloading)
        set_state(State::reload_notify);
    else
        enter_running(Result::success);
}

/// Handles the end of all processes except main and control. Changes the state only if main is not
/// alive and there is no control process (systemd.service(5)).
void Service::processes_gone() {
    if (is_down(active_state()))
        use_ended();
    if (main_life() == Life::alive || control_.pid() > 0)
        return;
    if (state_ == State::start && is_notifying() && main_life() == Life::dead) {
        enter_stop_post(Result::protocol);
    } else if (state_ == State::start && service().exit_type == unit::ExitType::cgroup) {
        enter_start_post();
    } else if (waits_for_pid_file_ && main_life() == Life::dead) {
        // If no main process was ever known, wait for the timeout. systemd 252 does the same.
        enter_stop(Result::protocol);
    } else if (state_ == State::running) {
        enter_running(Result::success);
    } else if (is_stop_signal(state_)) {
        enter_stop_post(Result::success);
    } else if (state_ == State::stop_post || is_final_signal(state_)) {
        enter_dead(Result::success, true);
    }
}

}  // namespace notifybridge::unit_types
