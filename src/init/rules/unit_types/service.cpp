#include "init/rules/unit_types/service.hpp"

#include <signal.h>

#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::unit_types {

using util::concat;

Service::Service(manager::Engine& engine, Processes& processes, Descriptors& descriptors,
                 load::LoadedUnit loaded)
    : ProcessUnit(engine, processes, std::move(loaded)), descriptors_(descriptors) {}

manager::ActiveState Service::active_state() const {
    return unit_types::active_state(state_, service().type.value_or(unit::ServiceType::simple));
}

std::string_view Service::sub_state() const {
    return to_string(state_);
}

bool Service::is_notifying() const {
    return service().type == unit::ServiceType::notify
           || service().type == unit::ServiceType::notify_reload;
}

unit::NotifyAccess Service::notify_access() const {
    return messages_.access.value_or(service().notify_access.value_or(unit::NotifyAccess::none));
}

ExecStatus Service::exec_status(CommandKind kind, std::size_t index) const {
    const ExecStatus run = main_.last_run(kind, index);
    return run.pid != 0 ? run : ProcessUnit::exec_status(kind, index);
}

void Service::set_state(State state) {
    const manager::ActiveState before = active_state();
    clean_up_for(state);
    state_ = state;
    changed(before, reload_result_ != Result::success);
}

/// Removes processes, timeouts and connections that cannot exist in `state`.
void Service::clean_up_for(State state) {
    if (waits_for_pid_file_) {
        waits_for_pid_file_ = false;
        processes_.watch_pid_file(*this, service().pid_file, false);
    }
    if (!may_time_out(state))
        alarm_.clear();
    if (!may_have_main(state))
        main_.forget();
    if (!may_have_control(state))
        control_.forget();
    if (!is_watched(state))
        watchdog_.stop();
    if (state != State::auto_restart)
        restarts_directly_ = false;
    const bool will_start = has_job(manager::JobType::start) || has_job(manager::JobType::restart);
    if (!may_have_connection(state) && !(state == State::dead && will_start))
        close_connection();
}

manager::Verdict Service::start() {
    if (manager::is_up(active_state()))
        return manager::Verdict::already;
    if (is_stopping(state_))
        return manager::Verdict::again;
    if (is_starting(state_))
        return manager::Verdict::begun;
    // Wait for the restart job. This job stops the service first, so that units that are bound to
    // the service restart, too.
    if (state_ == State::auto_restart && !restarts_directly_) {
        // As in systemd 257, a start does not wait until RestartSec= has passed.
        alarm_.set(now().monotonic, util::TimeSpan::zero());
        deadline_changed();
        return manager::Verdict::again;
    }

    result_ = Result::success;
    reload_result_ = Result::success;
    main_pid_known_ = false;
    forbids_restart_ = false;
    messages_ = {};
    watchdog_.configure(service().watchdog);
    main_ = {};
    control_ = {};
    exec_main_ = {};
    if (forgets_restarts_) {
        restarts_ = 0;
        forgets_restarts_ = false;
    }
    enter_condition();
    return manager::Verdict::begun;
}

manager::Verdict Service::stop() {
    if (is_down(active_state()))
        return manager::Verdict::already;
    forbids_restart_ = true;
    if (state_ == State::auto_restart) {
        set_state(State::dead);
        // If the service stops for a restart, the type of its job is now "start", and the service
        // keeps its descriptors.
        if (!job)
            descriptors_.release_fds(*this);
    } else if (state_ == State::running || state_ == State::exited) {
        enter_stop(Result::success);
    } else if (!is_stopping(state_) || state_ == State::stop_watchdog) {
        enter_signal(State::stop_sigterm, Result::success);
    }
    return manager::Verdict::begun;
}

bool Service::can_reload() const {
    return !service().exec_reload->empty() || service().type == unit::ServiceType::notify_reload;
}

manager::Verdict Service::reload() {
    if (is_reloading(state_))
        return manager::Verdict::again;
    if (!can_reload())
        return manager::Verdict::not_possible;
    if (state_ != State::running && state_ != State::exited)
        return manager::Verdict::invalid;
    enter_reload();
    return manager::Verdict::begun;
}

void Service::reset_failed() {
    if (state_ == State::failed)
        set_state(State::dead);
    result_ = Result::success;
    reload_result_ = Result::success;
    restarts_ = 0;
    forgets_restarts_ = false;
}

void Service::start_limited() {
    enter_dead(Result::start_limit_hit, false);
    // The job that was going to start the service has ended, too. Nothing needs the stored
    // descriptors any more.
    descriptors_.release_fds(*this);
}

std::optional<std::uint8_t> Service::exit_status() const {
    constexpr std::uint8_t of_abnormal_end = 255;
    if (!exec_main_.has_ended)
        return std::nullopt;
    return exec_main_.code() == CLD_EXITED ? static_cast<std::uint8_t>(exec_main_.status.code)
                                           : of_abnormal_end;
}

std::uint64_t Service::deadline() const {
    return Alarm::earlier(ProcessUnit::deadline(), watchdog_.alarm().moment());
}

bool Service::take_connection(Connections::Place place, const std::string& peer) {
    if (loaded().state != unit::LoadState::loaded || connection_ || state_ != State::dead)
        return false;
    connection_ = std::move(place);
    const std::string& description = settings().unit.description;
    if (!peer.empty())
        set_description(description.empty() ? peer : util::concat(description, " (", peer, ')'));
    return true;
}

void Service::close_connection() {
    if (!connection_)
        return;
    connection_.reset();
    descriptors_.close_connection(*this);
}

}  // namespace notifybridge::unit_types
