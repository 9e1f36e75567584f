#include <functional>

#include "init/rules/manager/engine.hpp"
#include "init/rules/unit_types/service.hpp"

/// Starts a service: systemd.service(5), ExecCondition= to ExecStartPost=, and ExecReload=.
namespace notifybridge::unit_types {

namespace {

/// Returns a random time from 0 to `most` (RuntimeRandomizedExtraSec=). The time differs for each
/// activation.
util::TimeSpan random_part(util::TimeSpan most, const std::string& invocation_id) {
    if (most <= util::TimeSpan::zero() || most == util::infinity)
        return util::TimeSpan::zero();
    const std::size_t random = std::hash<std::string>{}(invocation_id);
    return util::TimeSpan(static_cast<std::int64_t>(random >> 1) % (most.count() + 1));
}

}  // namespace

/// Returns whether the service may start although processes of an earlier run are left. Returns
/// false if KillMode= should have ended these processes, but SendSIGKILL=no protects them.
bool Service::may_start_beside_leftovers() {
    if (!warn_of_leftovers())
        return true;
    const unit::KillSettings& kill = settings().kill;
    return kill.send_sigkill
           || (kill.mode != unit::KillMode::control_group && kill.mode != unit::KillMode::mixed);
}

void Service::enter_condition() {
    control_.forget();
    if (service().exec_condition->empty())
        enter_start_pre();
    else if (!may_start_beside_leftovers() || !begin(CommandKind::condition))
        enter_dead(Result::resources, true);
}

void Service::enter_start_pre() {
    control_.forget();
    if (service().exec_start_pre->empty())
        enter_start();
    else if (!may_start_beside_leftovers() || !begin(CommandKind::start_pre))
        enter_dead(Result::resources, true);
}

void Service::enter_start() {
    control_.forget();
    main_.forget();
    const unit::ServiceType type = service().type.value_or(unit::ServiceType::simple);
    if (service().exec_start->empty() && type == unit::ServiceType::oneshot) {
        // Enter this state first, so that other units are notified that the service is starting.
        set_state(State::start);
        enter_start_post();
        return;
    }
    std::optional<StartedProcess> main;
    if (may_start_beside_leftovers())
        main = run(CommandKind::start, 0);
    if (!main) {
        enter_signal(State::stop_sigterm, Result::resources);
        return;
    }
    if (type == unit::ServiceType::simple || type == unit::ServiceType::idle) {
        enter_start_post();
        return;
    }
    set_state(State::start);
    if (is_on_bus()) {
        has_bus_name_ = false;
        processes_.watch_bus_name(*this);
    }
    if (type == unit::ServiceType::exec && !main->exec_error && !main->is_pending)
        enter_start_post();
}

/// Ends the start of a service of Type=exec, which is up when its program runs
/// (systemd.service(5)).
void Service::process_executed(pid_t pid) {
    const bool is_awaited =
        service().type == unit::ServiceType::exec && state_ == State::start && pid == main_.pid();
    if (!is_awaited)
        return;
    enter_start_post();
    deadline_changed();
}

/// Ends the start of a service of Type=dbus, which is up while it has its bus name
/// (systemd.service(5)).
void Service::bus_name_changed(bool has_owner) {
    has_bus_name_ = has_owner;
    if (has_owner && state_ == State::start)
        enter_start_post();
    else if (!has_owner && state_ == State::running)
        enter_running(Result::success);
    deadline_changed();
}

void Service::enter_start_post() {
    control_.forget();
    watchdog_.ping(now());
    if (service().exec_start_post->empty())
        enter_running(Result::success);
    else if (!begin(CommandKind::start_post))
        enter_stop(Result::resources);
}

void Service::enter_running(Result result) {
    note(result);
    control_.forget();
    if (result_ != Result::success) {
        enter_signal(State::stop_sigterm, result);
    } else if (is_good()) {
        // If the service sent RELOADING=1 or STOPPING=1 during the start, apply the message now.
        if (messages_.phase == ServiceMessages::Phase::reloading) {
            enter_reload_by_notify();
        } else if (messages_.phase == ServiceMessages::Phase::stopping) {
            enter_stop_by_notify();
        } else {
            set_state(State::running);
            arm_running();
        }
    } else if (service().remain_after_exit) {
        set_state(State::exited);
    } else {
        enter_stop(Result::success);
    }
}

/// Sets the alarm for RuntimeMaxSec=. The time counts from the moment when the service became
/// active.
void Service::arm_running() {
    alarm_.clear();
    if (service().runtime_max == util::infinity)
        return;
    alarm_.set(times.active_enter.monotonic, service().runtime_max);
    const std::uint64_t moment = alarm_.moment();
    alarm_.set(moment, random_part(service().runtime_randomized_extra, invocation_id));
    deadline_changed();
}

void Service::enter_reload() {
    control_.forget();
    reload_result_ = Result::success;
    reload_begin_ = now().monotonic;
    const bool is_signalled = service().type == unit::ServiceType::notify_reload && main_.pid() > 0;
    if (is_signalled) {
        KillRequest request;
        request.signal = service().reload_signal;
        request.main = main_.pid();
        processes_.kill(*this, request);
    }
    if (!service().exec_reload->empty()) {
        if (begin(CommandKind::reload))
            return;
        reload_result_ = Result::resources;
        enter_running(Result::success);
    } else if (is_signalled) {
        arm(State::reload_signal);
        set_state(State::reload_signal);
    } else {
        enter_running(Result::success);
    }
}

/// Enters the reload of a service that has sent RELOADING=1 by itself.
void Service::enter_reload_by_notify() {
    arm(State::reload_notify);
    set_state(State::reload_notify);
    engine().propagate_reload(*this);
}

}  // namespace notifybridge::unit_types
