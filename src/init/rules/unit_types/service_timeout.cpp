#include <signal.h>

#include "base/util/concat.hpp"
#include "init/rules/unit_types/restart.hpp"
#include "init/rules/unit_types/service.hpp"

/// Handles timeouts of a service (systemd.service(5), Timeout…Sec=, Timeout…FailureMode=,
/// RuntimeMaxSec=, WatchdogSec=).
namespace notifybridge::unit_types {

using util::concat;

void Service::deadline_passed() {
    ProcessUnit::deadline_passed();
    if (watchdog_.alarm().is_due(now().monotonic)) {
        warn(concat("received no watchdog ping for ", util::to_string(watchdog_.span()),
                    " (WatchdogSec=)."));
        enter_signal(State::stop_watchdog, Result::watchdog);
    }
}

/// Returns the time limit of a state. The result is meaningless for a state that has no time limit.
util::TimeSpan Service::time_limit(State state) const {
    if (state == State::auto_restart)
        return restart_delay(service(), restarts_ + 1);
    if (state == State::stop_watchdog || state == State::final_watchdog)
        return service().timeout_abort.value_or(service().timeout_stop);
    return is_stopping(state) ? service().timeout_stop
                              : service().timeout_start.value_or(util::infinity);
}

/// Sets the time limit of the state that the service enters next.
void Service::arm(State state) {
    alarm_.set(now().monotonic, time_limit(state));
}

/// Applies the time limits of the new files, which count from the beginning of the state. Keeps a
/// time limit that the service has extended (EXTEND_TIMEOUT_USEC=).
void Service::settings_changed() {
    if (alarm_.is_extended())
        return;
    if (state_ == State::running)
        arm_running();
    else if (may_time_out(state_))
        alarm_.set(times.state_change.monotonic, time_limit(state_));
}

void Service::timed_out() {
    if (state_ == State::auto_restart) {
        enter_restart();
        return;
    }
    warn(concat("timed out in state '", to_string(state_), "'."));
    if (is_starting(state_))
        end_by(service().timeout_start_failure_mode, false);
    else if (state_ == State::running)
        enter_stop(Result::timeout);
    else if (is_reloading(state_))
        reload_timed_out();
    else
        stopping_timed_out();
}

void Service::reload_timed_out() {
    if (control_.pid() > 0) {
        KillRequest request;
        request.signal = SIGKILL;
        request.control = control_.pid();
        processes_.kill(*this, request);
    }
    reload_result_ = Result::timeout;
    enter_running(Result::success);
}

void Service::stopping_timed_out() {
    const bool is_final = state_ == State::stop_post || is_final_signal(state_);
    const unit::TimeoutFailureMode mode = service().timeout_stop_failure_mode;
    const bool is_asked_to_end = state_ == State::stop_sigterm || state_ == State::final_sigterm;
    if (state_ == State::stop || state_ == State::stop_post
        || (is_asked_to_end && mode == unit::TimeoutFailureMode::abort))
        end_by(mode, is_final);
    else if (state_ == State::stop_sigkill)
        enter_stop_post(Result::timeout);
    else if (state_ == State::final_sigkill)
        enter_dead(Result::timeout, true);
    else
        kill_or_continue(is_final);
}

void Service::end_by(unit::TimeoutFailureMode mode, bool is_final) {
    if (mode == unit::TimeoutFailureMode::kill)
        kill_or_continue(is_final);
    else if (mode == unit::TimeoutFailureMode::abort)
        enter_signal(is_final ? State::final_watchdog : State::stop_watchdog, Result::timeout);
    else
        enter_signal(is_final ? State::final_sigterm : State::stop_sigterm, Result::timeout);
}

/// Sends SIGKILL if SendSIGKILL= allows this signal. If not, continues the stop without SIGKILL.
void Service::kill_or_continue(bool is_final) {
    if (settings().kill->send_sigkill)
        enter_signal(is_final ? State::final_sigkill : State::stop_sigkill, Result::timeout);
    else if (is_final)
        enter_dead(Result::timeout, false);
    else
        enter_stop_post(Result::timeout);
}

}  // namespace notifybridge::unit_types
