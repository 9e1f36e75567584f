#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/unit_types/restart.hpp"
#include "init/rules/unit_types/service.hpp"

/// Stops a service: systemd.service(5), ExecStop= to Restart=, and systemd.kill(5).
namespace notifybridge::unit_types {

using util::concat;

void Service::enter_stop(Result result) {
    note(result);
    control_.forget();
    if (service().exec_stop->empty())
        enter_signal(State::stop_sigterm, Result::success);
    else if (!begin(CommandKind::stop))
        enter_signal(State::stop_sigterm, Result::resources);
}

/// Enters the stop of a service that has sent STOPPING=1 by itself. The service gets no signal, and
/// has the usual time limit for a stop.
void Service::enter_stop_by_notify() {
    arm(State::stop_sigterm);
    set_state(State::stop_sigterm);
}

KillOperation Service::kill_operation(State state) const {
    switch (state) {
        case State::stop_watchdog:
        case State::final_watchdog:
            return KillOperation::abort;
        case State::stop_sigterm:
            return has_job(manager::JobType::restart) ? KillOperation::restart
                                                      : KillOperation::terminate;
        case State::final_sigterm:
            return KillOperation::terminate;
        default:
            return KillOperation::kill;
    }
}

/// Returns whether the service has a process to signal.
bool Service::has_any_process() const {
    return main_.pid() > 0 || control_.pid() > 0 || surroundings().has_processes(*this);
}

void Service::enter_signal(State state, Result result) {
    note(result);
    const bool is_final = is_final_signal(state);
    const bool is_any_there = has_any_process();
    if (is_any_there && signal_processes(kill_operation(state))) {
        arm(state);
        set_state(state);
        return;
    }
    // No process must be awaited. If KillMode=mixed, processes other than main and control may
    // still run, and get only FinalKillSignal=.
    const State last = is_final ? State::final_sigkill : State::stop_sigkill;
    if (is_any_there && state != last && settings().kill->send_sigkill)
        enter_signal(last, Result::success);
    else if (is_final)
        enter_dead(Result::success, true);
    else
        enter_stop_post(Result::success);
}

void Service::enter_stop_post(Result result) {
    note(result);
    control_.forget();
    if (service().exec_stop_post->empty())
        enter_signal(State::final_sigterm, Result::success);
    else if (!begin(CommandKind::stop_post))
        enter_signal(State::final_sigterm, Result::resources);
}

void Service::enter_dead(Result result, bool may_restart) {
    note(result);
    const bool is_failure = report_failure();
    log_spared();
    // If a stop has been requested, the service does not restart.
    const bool restarts = may_restart && !forbids_restart_ && !has_job(manager::JobType::stop)
                          && shall_restart(service(), result_, exec_main_);
    if (!restarts || service().restart_mode != unit::RestartMode::direct)
        set_state(is_failure ? State::failed : State::dead);
    if (restarts)
        enter_auto_restart();
    else
        forgets_restarts_ = true;
    forbids_restart_ = false;
    // After the stop, a restart job has the type "start". So a start job here means a restart.
    processes_.clean_up(*this, restarts || has_job(manager::JobType::start));
    if (!restarts && !job)
        descriptors_.release_fds(*this);
}

void Service::enter_auto_restart() {
    arm(State::auto_restart);
    set_state(State::auto_restart);
}

/// Restarts the service after RestartSec= has passed.
void Service::enter_restart() {
    if (has_job(manager::JobType::stop))
        return;
    // A restart job also restarts units that are bound to the service. RestartMode=direct does not.
    restarts_directly_ = service().restart_mode == unit::RestartMode::direct;
    const auto enqueued =
        engine().enqueue(restarts_directly_ ? manager::JobType::start : manager::JobType::restart,
                         *this, unit::JobMode::replace);
    if (enqueued.job == 0) {
        warn(concat("cannot restart: ", enqueued.refusal.text));
        enter_dead(Result::resources, false);
        return;
    }
    ++restarts_;
    forgets_restarts_ = false;
    say(util::Severity::info, concat("restart number ", restarts_, '.'));
}

}  // namespace notifybridge::unit_types
