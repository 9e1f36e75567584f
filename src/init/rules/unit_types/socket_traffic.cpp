#include <system_error>

#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"
#include "init/rules/manager/socket_activated.hpp"
#include "init/rules/unit_types/socket.hpp"

/// Handles the traffic of a socket: systemd.socket(5), Accept=, MaxConnections=,
/// TriggerLimitBurst=, PollLimitBurst=.
namespace notifybridge::unit_types {

using util::concat;

void Socket::traffic(std::size_t listener) {
    if (state_ != State::listening || is_polled_too_often())
        return;
    if (socket().accept)
        start_connection(listener);
    else
        start_service();
}

/// Returns whether PollLimitBurst= is exceeded. If so, stops watching the sockets until the
/// interval ends.
bool Socket::is_polled_too_often() {
    poll_limit_.set(socket().poll_limit_interval.value_or(util::TimeSpan::zero()),
                    socket().poll_limit_burst.value_or(0));
    if (poll_limit_.allows(now().monotonic))
        return false;
    sockets_.watch_sockets(*this, false);
    is_watched_ = false;
    poll_alarm_.set(poll_limit_.end(), util::TimeSpan::zero());
    deadline_changed();
    return true;
}

bool Socket::is_triggered_too_often() {
    trigger_limit_.set(socket().trigger_limit_interval.value_or(util::TimeSpan::zero()),
                       socket().trigger_limit_burst.value_or(0));
    if (trigger_limit_.allows(now().monotonic))
        return false;
    warn("stopping: triggered too often (TriggerLimitBurst=).");
    return true;
}

void Socket::refuse() {
    ++refused_;
    if (socket().accept)
        sockets_.refuse(*this);
}

void Socket::start_service() {
    if (has_job(manager::JobType::stop)) {
        sockets_.flush_sockets(*this);
        return;
    }
    if (is_triggered_too_often()) {
        refuse();
        enter_stop_pre(Result::trigger_limit_hit);
        return;
    }
    manager::Unit* const service = its_service();
    if (!service) {
        enter_stop_pre(Result::resources);
        return;
    }
    const manager::ActiveState active = service->active_state();
    const bool is_coming = manager::is_up(active) || active == manager::ActiveState::activating
                           || service->has_job(manager::JobType::start)
                           || service->has_job(manager::JobType::restart);
    if (!is_coming) {
        const auto enqueued =
            engine().enqueue(manager::JobType::start, *service, unit::JobMode::replace);
        if (enqueued.job == 0) {
            warn(concat("cannot start its service: ", enqueued.refusal.text));
            enter_stop_pre(Result::resources);
            return;
        }
    }
    set_state(State::running);
}

bool Socket::has_place_for(const std::string& source) {
    if (connections_.count() >= socket().max_connections) {
        warn(concat("refusing a connection: there are ", connections_.count(),
                    " already (MaxConnections=)."));
        return false;
    }
    const unsigned most = socket().max_connections_per_source;
    if (most > 0 && !source.empty() && connections_.count(source) >= most) {
        warn(concat("refusing a connection from ", source, ": there are ", most,
                    " from it already (MaxConnectionsPerSource=)."));
        return false;
    }
    return true;
}

/// Returns the service instance for a connection. Returns null if the name of the instance would be
/// too long.
manager::Unit* Socket::service_for(const Connection& connection) {
    const std::string name =
        concat(loaded().id.prefix(), '@', instance_name(accepted_, connection), ".service");
    const auto valid = unit::UnitName::parse(name);
    return valid ? &engine().unit(*valid) : nullptr;
}

void Socket::start_connection(std::size_t listener) {
    std::optional<Connection> connection;
    try {
        connection = sockets_.accept(*this, listener);
    } catch (const std::system_error& error) {
        warn(concat("cannot accept a connection: ", error.what(), '.'));
        enter_stop_pre(Result::resources);
        return;
    }
    if (!connection)
        return;
    if (has_job(manager::JobType::stop)) {
        refuse();
        return;
    }
    if (is_triggered_too_often()) {
        refuse();
        enter_stop_pre(Result::trigger_limit_hit);
        return;
    }
    const std::string source = source_of(*connection);
    if (!has_place_for(source)) {
        refuse();
        return;
    }
    manager::Unit* const service = service_for(*connection);
    manager::SocketActivated* const activated = service ? service->socket_activated() : nullptr;
    if (!activated
        || !activated->take_connection(connections_.take(source), peer_text(*connection))) {
        warn(concat("cannot start a service for a connection; check that ", loaded().id.prefix(),
                    "@.service exists."));
        sockets_.refuse(*this);
        enter_stop_pre(Result::resources);
        return;
    }
    ++accepted_;
    sockets_.hand_over(*this, *service);
    engine().add_trigger(*this, *service);
    const auto enqueued =
        engine().enqueue(manager::JobType::start, *service, unit::JobMode::replace);
    if (enqueued.job != 0)
        return;
    activated->close_connection();
    warn(concat("cannot start the service of a connection: ", enqueued.refusal.text));
    enter_stop_pre(Result::resources);
}

}  // namespace notifybridge::unit_types
