#include "control/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "system/error.hpp"
#include "system/local_socket.hpp"

namespace notifybridge::control {
namespace {

/// Everybody may ask how things are; whether one may change them is looked at for each call.
constexpr mode_t socket_mode = 0666;
constexpr std::size_t most_connections = 64;
constexpr std::chrono::milliseconds retry_interval(100);

system::UniqueFd listen_in(system::Fd directory) {
    ::unlinkat(directory.get(), socket_name, 0);
    auto listener = system::listen_at(directory, socket_name, socket_mode);
    if (!listener)
        system::throw_error(listener.error().value(), "control socket");
    return std::move(*listener);
}

/// Which of too many goes first: who may only ask before who may change things, and who has not
/// said yet what it wants before who waits for an answer.
int worth(const std::weak_ptr<Connection>& each) {
    const auto connection = each.lock();
    return connection ? 2 * connection->is_privileged() + connection->has_called() : 0;
}

}  // namespace

Server::Server(event::Loop& loop, system::UniqueFd directory, Connection::OnCall on_call)
    : loop_(loop),
      on_call_(std::move(on_call)),
      directory_(std::move(directory)),
      listener_(loop, listen_in(directory_)),
      pause_(loop) {}

Server::~Server() {
    ::unlinkat(directory_.get(), socket_name, 0);
}

event::Awaitable<> Server::run() {
    for (;;) {
        const bool readable = co_await listener_.readable();
        if (!readable)
            co_return;
        // One that cannot be accepted now, without a descriptor left, is there the next time.
        if (!accept())
            co_await pause_.sleep(retry_interval);
    }
}

bool Server::accept() {
    auto accepted = system::accept_connection(listener_.fd());
    if (!accepted)
        return accepted.error().value() == EAGAIN;
    try {
        const auto connection = std::make_shared<Connection>(loop_, std::move(*accepted), on_call_);
        connections_.push_back(connection);
        connection->start();
        make_room();
    } catch (const std::system_error&) {
        return false;
    }
    return true;
}

/// Lets go what is worth least, the oldest of it.
void Server::make_room() {
    connections_.remove_if([](const auto& connection) { return connection.expired(); });
    if (connections_.size() <= most_connections)
        return;
    const auto chosen = std::min_element(
        connections_.begin(), connections_.end(),
        [](const auto& one, const auto& other) { return worth(one) < worth(other); });
    if (const auto connection = chosen->lock())
        connection->close();
    connections_.erase(chosen);
}

}  // namespace notifybridge::control
