#include "init/perform/host_sockets.hpp"

#include <sys/epoll.h>

#include <utility>

#include "base/system/error.hpp"

namespace notifybridge::perform {

std::span<listen::Listener> HostSockets::listeners_of(const manager::Unit& unit) {
    UnitDescriptors* const own = state_.descriptors_of(unit);
    return own ? std::span(own->listeners) : std::span<listen::Listener>();
}

void HostSockets::open_sockets(const manager::Unit& unit) {
    UnitDescriptors& own = state_.descriptors[unit.key()];
    if (!own.listeners.empty())
        return;
    std::vector<std::string> warnings;
    own.listeners =
        listen::open_listeners(unit.settings().socket, state_.settings.inherited, warnings);
    for (const std::string& warning : warnings)
        state_.say(util::Severity::warning, &unit, warning);
}

void HostSockets::watch_sockets(const manager::Unit& unit, bool watched) {
    UnitDescriptors& own = state_.descriptors[unit.key()];
    if (std::exchange(own.are_watched, watched) == watched)
        return;
    if (!watched) {
        for (const listen::Listener& listener : own.listeners)
            state_.poller.remove(listener.fd);
        return;
    }
    for (std::size_t at = 0; at < own.listeners.size(); ++at) {
        const auto on_traffic = [this, key = unit.key(), at] {
            state_.tell(key, [&](manager::Unit& socket) { socket.traffic(at); });
        };
        if (const auto error = state_.poller.add(own.listeners[at].fd, EPOLLIN, on_traffic)) {
            watch_sockets(unit, false);
            system::throw_error(error.value(), "epoll_ctl");
        }
    }
}

void HostSockets::close_sockets(const manager::Unit& unit) {
    watch_sockets(unit, false);
    listen::close_listeners(unit.settings().socket, state_.descriptors[unit.key()].listeners);
}

void HostSockets::flush_sockets(const manager::Unit& unit) {
    for (const listen::Listener& listener : listeners_of(unit))
        flush(listener);
}

std::optional<unit_types::Connection> HostSockets::accept(const manager::Unit& socket,
                                                          std::size_t listener) {
    const auto listeners = listeners_of(socket);
    if (listener >= listeners.size())
        return std::nullopt;
    auto accepted = listen::accept(listeners[listener], socket.settings().socket);
    if (!accepted)
        return std::nullopt;
    accepted_ = std::move(accepted->fd);
    return unit_types::Connection{accepted->local, accepted->remote, accepted->peer};
}

void HostSockets::hand_over(const manager::Unit&, const manager::Unit& service) {
    state_.descriptors[service.key()].connection = std::move(accepted_);
}

void HostSockets::refuse(const manager::Unit&) {
    accepted_.reset();
}

}  // namespace notifybridge::perform
