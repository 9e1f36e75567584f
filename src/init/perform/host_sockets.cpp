#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>

#include "base/system/error.hpp"
#include "init/perform/host.hpp"

namespace notifybridge::perform {

Host::Possessions* Host::possessions_of(const manager::Unit& unit) {
    const auto found = possessions_.find(unit.key());
    return found == possessions_.end() ? nullptr : &found->second;
}

std::span<listen::Listener> Host::listeners_of(const manager::Unit& unit) {
    Possessions* const own = possessions_of(unit);
    return own ? std::span(own->listeners) : std::span<listen::Listener>();
}

/// The sockets of all units that trigger the service: of those that Sockets= names in its order,
/// then of the others in the order in which these were loaded.
std::vector<execute::NamedFd> Host::sockets_of(const manager::Unit& service) {
    std::vector<const manager::Unit*> units;
    for (const manager::Unit* const unit :
         service.dependencies.list(manager::Relation::triggered_by))
        if (unit->type() == unit::UnitType::socket)
            units.push_back(unit);
    const unit::Names& named = service.settings().service.sockets;
    std::ranges::stable_sort(units, {}, [&](const manager::Unit* socket) {
        return std::ranges::find_first_of(named, socket->loaded().names()) - named.begin();
    });
    std::vector<execute::NamedFd> found;
    for (const manager::Unit* const socket : units) {
        const std::string name = listen::fd_name(socket->settings().socket, socket->id());
        for (const listen::Listener& listener : listeners_of(*socket))
            found.push_back({listener.fd, name});
    }
    return found;
}

void Host::open_sockets(const manager::Unit& unit) {
    Possessions& own = make_possessions_of(unit);
    if (!own.listeners.empty())
        return;
    std::vector<std::string> warnings;
    own.listeners = listen::open_listeners(unit.settings().socket, settings_.inherited, warnings);
    for (const std::string& warning : warnings)
        say(util::Severity::warning, &unit, warning);
}

void Host::watch_sockets(const manager::Unit& unit, bool watched) {
    Possessions& own = make_possessions_of(unit);
    if (std::exchange(own.are_watched, watched) == watched)
        return;
    if (!watched) {
        for (const listen::Listener& listener : own.listeners)
            poller_.remove(listener.fd);
        return;
    }
    for (std::size_t at = 0; at < own.listeners.size(); ++at) {
        const auto on_traffic = [this, key = unit.key(), at] {
            tell(key, [&](manager::Unit& socket) { socket.traffic(at); });
        };
        if (const auto error = poller_.add(own.listeners[at].fd, EPOLLIN, on_traffic)) {
            watch_sockets(unit, false);
            system::throw_error(error.value(), "epoll_ctl");
        }
    }
}

void Host::close_sockets(const manager::Unit& unit) {
    watch_sockets(unit, false);
    listen::close_listeners(unit.settings().socket, make_possessions_of(unit).listeners);
}

void Host::flush_sockets(const manager::Unit& unit) {
    for (const listen::Listener& listener : listeners_of(unit))
        flush(listener);
}

std::optional<unit_types::Connection> Host::accept(const manager::Unit& socket,
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

void Host::hand_over(const manager::Unit&, const manager::Unit& service) {
    make_possessions_of(service).connection = std::move(accepted_);
}

void Host::refuse(const manager::Unit&) {
    accepted_.reset();
}

/// close_at_once, as a service may have set SO_LINGER, by which close(2) waits for the peer.
void Host::close_connection(const manager::Unit& service) {
    Possessions* const own = possessions_of(service);
    if (!own)
        return;
    std::vector<system::UniqueFd> closed;
    closed.push_back(std::move(own->connection));
    system::close_at_once(std::move(closed));
}

void Host::drop(std::vector<FdStore::Stored> stored) {
    std::vector<system::UniqueFd> closed;
    for (FdStore::Stored& one : stored) {
        poller_.remove(one.fd);
        closed.push_back(std::move(one.fd));
    }
    system::close_at_once(std::move(closed));
}

void Host::store_fds(const manager::Unit& unit, std::string_view name, bool polled) {
    Possessions& own = make_possessions_of(unit);
    for (system::UniqueFd& fd : message_fds_) {
        const system::Fd kept =
            own.stored.add(std::move(fd), name, unit.settings().service.file_descriptor_store_max);
        if (!kept || !polled)
            continue;
        const auto on_hangup = [this, &own, kept] {
            drop(own.stored.take([&](const auto& one) { return one.fd.get() == kept.get(); }));
        };
        // Hang-ups and errors are always told. A file cannot be waited for, and never hangs up.
        static_cast<void>(poller_.add(kept, 0, on_hangup));
    }
    set_message_fds({});
}

void Host::remove_fds(const manager::Unit& unit, std::string_view name) {
    if (Possessions* const own = possessions_of(unit))
        drop(own->stored.take([&](const FdStore::Stored& one) {
            return one.name == (name.empty() ? "stored" : name);
        }));
}

void Host::release_fds(const manager::Unit& unit) {
    if (Possessions* const own = possessions_of(unit))
        drop(own->stored.take([](const FdStore::Stored&) { return true; }));
}

}  // namespace notifybridge::perform
