#include "base/util/concat.hpp"
#include "init/unit_types/service.hpp"

/// What follows from the end of a service's processes.
namespace notifybridge::unit_types {

using util::concat;

Service::Result Service::result_of(const ExecStatus& run, ProcessKind kind) const {
    if (run.pid == refused_pid_ && run.pid > 0)
        return Result::resources;
    if (is_clean_exit(run, kind, service().success_exit_status))
        return Result::success;
    if (run.status.signal == 0)
        return Result::exit_code;
    return run.dumped_core ? Result::core_dump : Result::signal;
}

void Service::log_end(std::string_view what, const ExecStatus& run, Result result) const {
    const auto severity =
        result == Result::success ? util::Severity::debug : util::Severity::notice;
    performer().say(severity, this,
                    concat(what, " ended: ", run.code_name(), ", status ", run.number_name(), '.'));
}

void Service::process_ended(pid_t pid, process::ExitStatus status, bool dumped_core) {
    if (pid <= 0)
        return;
    if (pid == main_pid_) {
        // A daemon may have put another process in its place, and have said so.
        if (load_pid_file(false) == PidFileOutcome::changed)
            return;
        main_pid_ = 0;
        exec_main_.ended(status, dumped_core, now());
        main_ended(exec_main_);
    } else if (pid == control_pid_) {
        control_pid_ = 0;
        ExecStatus run;
        ExecStatus* const kept =
            control_command_ ? slot(control_command_->kind, control_command_->index) : &run;
        kept->pid = pid;
        kept->ended(status, dumped_core, now());
        control_ended(*kept);
    }
    if (pid == refused_pid_)
        refused_pid_ = 0;
    // The next of a list of commands has a time-out of its own, in the same state.
    deadline_changed();
}

void Service::main_ended(ExecStatus run) {
    const bool is_oneshot = service().type == unit::ServiceType::oneshot;
    Result result = result_of(run, is_oneshot ? ProcessKind::command : ProcessKind::daemon);
    if (main_command_)
        *slot(ServiceCommand::start, *main_command_) = run;
    // What a daemon left when it forked is judged as its command line is.
    const unit::Command* const what = command(ServiceCommand::start, main_command_.value_or(0));
    if (what && what->ignores_failure && result != Result::resources)
        result = Result::success;
    log_end("Main process", run, result);
    note(result);

    // What exits well because it was told to end is not followed by the next.
    const bool goes_on = result == Result::success && state_ == State::start;
    if (main_command_ && is_oneshot && goes_on && run_next_main())
        return;
    main_command_.reset();
    // With ExitType=cgroup the last of all is what counts.
    if (service().exit_type == unit::ExitType::main
        || (control_pid_ == 0 && !performer().has_processes(*this)))
        after_main(result);
}

void Service::after_main(Result result) {
    // A control process that is still there is waited for.
    const bool is_alone = control_pid_ == 0;
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
    else if (is_final_signal(state_))
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
        // Another process may still say READY=1, where it is heard and main need not remain.
        if (!is_success)
            enter_signal(State::stop_sigterm, result);
        else if (!service().remain_after_exit || notify_access() == unit::NotifyAccess::main)
            enter_signal(State::stop_sigterm, Result::protocol);
    } else {
        enter_running(result);
    }
}

/// systemd.service(5), ExecCondition=: 1 to 254 say no, which is no failure.
Service::Result Service::judge_condition(Result result, const ExecStatus& run) {
    const bool says_no = result == Result::exit_code && run.status.code < 255;
    if (says_no || result == Result::success)
        condition_result = !says_no;
    return says_no ? Result::exec_condition : result;
}

void Service::control_ended(ExecStatus run) {
    const bool is_daemon = control_command_ && control_command_->kind == ServiceCommand::start
                           && service().type != unit::ServiceType::oneshot;
    Result result = result_of(run, is_daemon ? ProcessKind::daemon : ProcessKind::command);
    std::string_view name = "Control process";
    if (control_command_) {
        const auto [kind, index] = *control_command_;
        name = to_string(kind);
        const unit::Command* const what = command(kind, index);
        if (what && what->ignores_failure && result != Result::resources)
            result = Result::success;
    }
    if (state_ == State::condition)
        result = judge_condition(result, run);
    log_end(name, run, result);
    // A reload that fails leaves the service as it is.
    if (state_ != State::reload)
        note(result);

    const bool was_told_to_end = is_stop_signal(state_) || is_final_signal(state_);
    if (control_command_ && result == Result::success && !was_told_to_end && run_next_control())
        return;
    control_command_.reset();
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
    } else if (is_alone && is_final_signal(state)) {
        enter_dead(result, true);
    }
}

/// The process that was started has left the daemon behind.
void Service::after_forking(Result result) {
    if (result != Result::success) {
        enter_signal(State::stop_sigterm, result);
        return;
    }
    if (service().pid_file->empty()) {
        find_main_pid();
    } else if (load_pid_file(service().exec_start_post->empty()) == PidFileOutcome::none
               && service().exec_start_post->empty()) {
        // Only an ExecStartPost= could write it later, without being waited for.
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
    // The commands are through, but the service says that it is not.
    if (messages_.phase == ServiceMessages::Phase::reloading)
        set_state(State::reload_notify);
    else
        enter_running(Result::success);
}

/// systemd.service(5): what the end of all others means where main is not known, or gone.
void Service::processes_gone() {
    if (is_down(active_state()))
        use_ended();
    if (main_life() == Life::alive || control_pid_ > 0)
        return;
    if (state_ == State::start && is_notifying() && main_life() == Life::dead) {
        enter_stop_post(Result::protocol);
    } else if (state_ == State::start && service().exit_type == unit::ExitType::cgroup) {
        enter_start_post();
    } else if (waits_for_pid_file_ && main_life() == Life::dead) {
        // Where no main process was ever known, the time-out ends the wait, as in systemd 252.
        if (state_ == State::start)
            enter_stop_post(Result::protocol);
        else
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
