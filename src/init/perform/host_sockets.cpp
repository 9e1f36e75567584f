#include "init/perform/host_sockets.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <utility>

#include "base/system/error.hpp"

namespace notifybridge::perform {
namespace {

/// Returns whether clients may have put descriptors into the queue of this socket.
bool is_unix_socket(system::Fd fd) {
    int family = 0;
    socklen_t size = sizeof family;
    return ::getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_UNIX;
}

}  // namespace

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
    auto listeners = std::exchange(state_.descriptors[unit.key()].listeners, {});
    listen::remove_files(unit.settings().socket, listeners);
    std::vector<system::UniqueFd> unix_sockets;
    for (listen::Listener& listener : listeners)
        if (is_unix_socket(listener.fd))
            unix_sockets.push_back(std::move(listener.fd));
    state_.closer.close_now(std::move(unix_sockets));
}

void HostSockets::flush_sockets(const manager::Unit& unit) {
    for (const listen::Listener& listener : listeners_of(unit))
        state_.closer.close(flush(listener));
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
    state_.closer.close(std::move(accepted_));
}

}  // namespace notifybridge::perform
