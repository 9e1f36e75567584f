#include "init/rules/unit_types/socket.hpp"

#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/manager/socket_activated.hpp"

namespace notifybridge::unit_types {

using util::concat;

Socket::Socket(manager::Engine& engine, Processes& processes, Sockets& sockets,
               load::LoadedUnit loaded)
    : ProcessUnit(engine, processes, std::move(loaded)),
      sockets_(sockets),
      trigger_limit_(util::TimeSpan::zero(), 0),
      poll_limit_(util::TimeSpan::zero(), 0) {}

void Socket::set_state(State state) {
    const manager::ActiveState before = active_state();
    if (!has_control(state)) {
        alarm_.clear();
        control_.forget();
    }
    if (state != State::listening) {
        poll_alarm_.clear();
        if (is_watched_)
            sockets_.watch_sockets(*this, false);
        is_watched_ = false;
    }
    if (is_open(state_) && !is_open(state))
        sockets_.close_sockets(*this);
    state_ = state;
    changed(before);
}

/// Returns the unit of Service=. Returns null if the name of this unit is too long. The default
/// name is formed from the socket's name.
manager::Unit* Socket::its_service() const {
    const auto name = unit::UnitName::parse(socket().service);
    return name ? &engine().unit(*name) : nullptr;
}

/// Returns whether the service prevents the start of the socket. This is so if the service is not
/// loaded, or if it is already active and would not get the socket.
bool Socket::is_refused_by_service() const {
    if (socket().accept)
        return false;
    manager::Unit* const service = its_service();
    manager::SocketActivated* const activated = service ? service->socket_activated() : nullptr;
    if (!activated || service->loaded().state != unit::LoadState::loaded) {
        warn(concat("cannot start: its service ", socket().service, " is not loaded."));
        return true;
    }
    if (activated->socket_use() != manager::SocketUse::none) {
        warn(concat("cannot start: its service ", socket().service,
                    " is active already and would not get the socket; stop the service first."));
        return true;
    }
    return false;
}

manager::Verdict Socket::start() {
    if (active_state() == manager::ActiveState::deactivating)
        return manager::Verdict::again;
    if (active_state() == manager::ActiveState::activating)
        return manager::Verdict::begun;
    if (is_refused_by_service())
        return manager::Verdict::failed;
    result_ = Result::success;
    control_ = {};
    enter_start_pre();
    return manager::Verdict::begun;
}

manager::Verdict Socket::stop() {
    if (active_state() == manager::ActiveState::activating)
        enter_signal(State::stop_pre_sigterm, Result::success);
    else if (active_state() == manager::ActiveState::active)
        enter_stop_pre(Result::success);
    return manager::Verdict::begun;
}

void Socket::reset_failed() {
    if (state_ == State::failed)
        set_state(State::dead);
    result_ = Result::success;
}

void Socket::start_limited() {
    enter_dead(Result::start_limit_hit);
}

/// Resets the limits after a reload of the files, as systemd does.
void Socket::settings_changed() {
    trigger_limit_.reset();
    poll_limit_.reset();
    if (has_control(state_))
        alarm_.set(times.state_change.monotonic, socket().timeout);
}

std::uint64_t Socket::deadline() const {
    return Alarm::earlier(ProcessUnit::deadline(), poll_alarm_.moment());
}

/// Watches the sockets again after the service has stopped (systemd.socket(5)).
void Socket::trigger_changed(manager::Unit& triggered) {
    const bool is_up_here = state_ == State::listening || state_ == State::running;
    if (!is_up_here || socket().accept)
        return;
    if (triggered.start_limit_hit) {
        enter_stop_pre(Result::service_start_limit_hit);
        return;
    }
    const manager::SocketActivated* const service = triggered.socket_activated();
    if (!service || triggered.job)
        return;
    const manager::SocketUse use = service->socket_use();
    if (use == manager::SocketUse::none || use == manager::SocketUse::released) {
        if (state_ != State::listening)
            enter_listening();
    } else if (use == manager::SocketUse::running && state_ != State::running) {
        set_state(State::running);
    }
}

}  // namespace notifybridge::unit_types
