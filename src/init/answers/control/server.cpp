#include "init/answers/control/server.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/limits.hpp"
#include "base/system/local_socket.hpp"

namespace notifybridge::control {
namespace {

/// Any user may query the state. Each call that changes the state checks the user's permission.
constexpr mode_t socket_mode = 0666;
constexpr std::size_t most_guests = 256;
constexpr std::chrono::milliseconds retry_interval(100);

system::UniqueFd listen_in(system::Fd directory) {
    ::unlinkat(directory.get(), socket_name, 0);
    auto listener = system::listen_at(directory, socket_name, socket_mode);
    if (!listener && listener.error().value() == ENOENT && ::access("/proc/self/fd", F_OK) < 0)
        throw std::runtime_error("cannot make the control socket: /proc has to be mounted");
    if (!listener)
        system::throw_error(listener.error().value(), "make the control socket");
    return std::move(*listener);
}

}  // namespace

Server::Server(event::Loop& loop, process::FdCloser& closer, system::UniqueFd directory,
               Connection::OnCall on_call)
    : loop_(loop),
      closer_(closer),
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
        // If too few descriptors are free, the client stays in the socket's queue until the next
        // attempt.
        if (!accept())
            co_await pause_.sleep(retry_interval);
    }
}

/// Returns whether the manager can accept another client. A new descriptor gets the lowest free
/// number, so this number shows how many descriptors are in use. The last quarter of the numbers is
/// reserved for the manager.
bool Server::has_room() {
    const std::size_t limit = system::open_files_limit();
    const system::UniqueFd next(::fcntl(listener_.fd().get(), F_DUPFD_CLOEXEC, 0));
    return next && static_cast<std::size_t>(next.get()) < limit - limit / 4;
}

bool Server::accept() {
    if (!has_room())
        return false;
    auto accepted = system::accept_connection(listener_.fd());
    if (!accepted)
        return accepted.error().value() == EAGAIN;
    try {
        const auto connection = std::make_shared<Connection>(
            loop_, closer_, std::move(*accepted), [this](const auto& call) { take(call); });
        if (!connection->is_privileged())
            add_guest(connection);
        connection->start();
    } catch (const std::system_error&) {
        return false;
    }
    return true;
}

/// Adds a guest, which is a client that may only query. If there are too many guests, drops the
/// oldest guest that is not waiting for an answer.
void Server::add_guest(const std::shared_ptr<Connection>& guest) {
    drop_guests_that_left();
    if (guests_.size() >= most_guests) {
        const auto idle = std::ranges::find_if(
            guests_, [](const auto& seated) { return !seated.lock()->is_waiting(); });
        if (idle != guests_.end())
            idle->lock()->close();
    }
    guests_.push_back(guest);
}

/// Passes the call to `on_call`. Refuses the call of a client that may only query if too many such
/// clients are waiting for an answer.
void Server::take(const std::shared_ptr<Call>& call) {
    if (!call->is_privileged())
        drop_guests_that_left();
    if (!call->is_privileged() && guests_.size() > most_guests)
        call->refuse("LimitsExceeded",
                     "too many users are already waiting for an answer; try again later");
    else
        on_call_(call);
}

void Server::drop_guests_that_left() {
    guests_.remove_if([](const auto& seated) {
        const auto guest = seated.lock();
        return !guest || guest->is_closed();
    });
}

}  // namespace notifybridge::control
