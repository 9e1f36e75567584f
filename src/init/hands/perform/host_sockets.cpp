#include "init/hands/perform/host_sockets.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "init/hands/perform/child_listeners.hpp"

namespace notifybridge::perform {
namespace {

/// Returns whether clients may have put descriptors into the queue of this socket.
bool is_unix_socket(system::Fd fd) {
    int family = 0;
    socklen_t size = sizeof family;
    return ::getsockopt(fd.get(), SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 && family == AF_UNIX;
}

/// Returns a name for the child that accesses the files of this unit. There is only one at a time.
std::string child_of(const std::string& key) {
    return util::concat("sockets of ", key);
}

}  // namespace

std::span<listen::Listener> HostSockets::listeners_of(const manager::Unit& unit) {
    UnitDescriptors* const own = state_.descriptors_of(unit);
    return own ? std::span(own->listeners) : std::span<listen::Listener>();
}

bool HostSockets::open_sockets(const manager::Unit& unit) {
    UnitDescriptors& own = state_.descriptors[unit.key()];
    if (!own.listeners.empty())
        return true;
    std::vector<std::string> warnings;
    const unit::SocketSettings& settings = unit.settings().socket;
    if (const auto found = openings_.find(unit.key());
        found != openings_.end() && found->second.answer) {
        auto answer = *std::exchange(found->second.answer, std::nullopt);
        openings_.erase(found);
        own.listeners = listeners_of_answer(std::move(answer), warnings);
    } else if (may_hang(settings)) {
        open_in_child(unit);
        return false;
    } else {
        own.listeners = open_when_free(settings, warnings);
    }
    for (const std::string& warning : warnings)
        state_.say(util::Severity::warning, &unit, warning);
    return true;
}

/// Opens the listeners. If an address is in use, a child that was just forked may still have a copy
/// of a listener that was closed, so tries again for a second.
std::vector<listen::Listener> HostSockets::open_when_free(const unit::SocketSettings& settings,
                                                          std::vector<std::string>& warnings) {
    constexpr int attempts = 200;
    constexpr useconds_t pause_usec = 5'000;
    for (int attempt = 1;; ++attempt)
        try {
            return listen::open_listeners(settings, state_.settings.inherited, warnings);
        } catch (const std::system_error& error) {
            const bool has_children = state_.closer.has_children() || state_.looks.has_children();
            if (error.code().value() != EADDRINUSE || !has_children || attempt == attempts)
                throw;
            warnings.clear();
            ::usleep(pause_usec);
        }
}

/// Returns whether only a child may access the files of the unit.
bool HostSockets::may_hang(const unit::SocketSettings& settings) {
    const auto is_slow = [this](std::string_view path) {
        return path.starts_with('/') && state_.looks.may_hang(path);
    };
    return std::ranges::any_of(settings.listen, is_slow, &unit::Listen::address)
           || std::ranges::any_of(settings.symlinks, is_slow);
}

/// Opens the listeners in a child. If the last child of this unit has not ended, waits for its end
/// first.
void HostSockets::open_in_child(const manager::Unit& unit) {
    const std::string& key = unit.key();
    const std::uint64_t serial = ++last_serial_;
    ChildLooks::Calls calls;
    calls.on_answer = [this, key, serial](ChildLooks::Answer& answer) {
        if (const auto found = openings_.find(key);
            found != openings_.end() && found->second.serial == serial)
            found->second.answer = std::move(answer);
        child_ended(key);
        // The unit has been stopped meanwhile.
        state_.closer.close(std::move(answer.fds));
    };
    calls.on_late = [this, key] {
        state_.tell(key, [](const manager::Unit& late) {
            late.warn("The file system of a path does not respond; the start waits.");
        });
    };
    const auto open = [&] { return open_for_answer(unit.settings().socket); };
    const auto start = state_.looks.start(child_of(key), open, std::move(calls));
    if (start == ChildLooks::Start::failed)
        system::throw_error(EAGAIN, "fork");
    openings_[key] = {start == ChildLooks::Start::begun ? serial : 0};
}

/// Tells the unit to call `open_sockets` again, if it waits for this.
void HostSockets::child_ended(const std::string& key) {
    if (openings_.contains(key))
        state_.tell(key, [](manager::Unit& unit) { unit.sockets_opened(); });
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
    openings_.erase(unit.key());
    auto listeners = std::exchange(state_.descriptors[unit.key()].listeners, {});
    remove_files(unit, listeners);
    std::vector<system::UniqueFd> unix_sockets;
    for (listen::Listener& listener : listeners)
        if (is_unix_socket(listener.fd))
            unix_sockets.push_back(std::move(listener.fd));
    state_.closer.close_now(std::move(unix_sockets));
}

/// Removes the files of a unit. If a child of this unit has not ended, its file system hangs, and
/// the files stay.
void HostSockets::remove_files(const manager::Unit& unit,
                               const std::vector<listen::Listener>& listeners) {
    const std::string& key = unit.key();
    const unit::SocketSettings& settings = unit.settings().socket;
    if (!settings.remove_on_stop || listeners.empty())
        return;
    if (!may_hang(settings)) {
        listen::remove_files(settings, listeners);
        return;
    }
    const auto remove = [&] {
        listen::remove_files(settings, listeners);
        return std::string();
    };
    state_.looks.start(child_of(key), remove,
                       {.on_answer = [this, key](ChildLooks::Answer&) { child_ended(key); }});
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
