#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/error.hpp"
#include "base/util/concat.hpp"
#include "init/hands/listen/listen_address.hpp"
#include "init/hands/listen/listeners.hpp"
#include "init/hands/listen/socket_options.hpp"
#include "init/rules/unit_types/connections.hpp"

namespace notifybridge::listen {
namespace {

using system::UniqueFd;

/// Returns whether the error means that no connection waits, or that the connection was lost before
/// we accepted it (accept(2)).
bool is_gone(int error) {
    switch (error) {
        case EAGAIN:
        case EINTR:
        case ECONNABORTED:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENETDOWN:
        case ENETUNREACH:
        case ENONET:
        case ENOPROTOOPT:
        case EOPNOTSUPP:
        case EPROTO:
        case ETIMEDOUT:
            return true;
        default:
            return false;
    }
}

std::optional<system::Credentials> peer_of(system::Fd connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    const bool known =
        ::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid > 0;
    return known ? std::optional(system::Credentials{peer.pid, peer.uid, peer.gid}) : std::nullopt;
}

sockaddr* as_address(sockaddr_storage& storage) {
    return reinterpret_cast<sockaddr*>(&storage);
}

}  // namespace

std::optional<AcceptedConnection> accept(const Listener& listener,
                                         const unit::SocketSettings& settings) {
    AcceptedConnection accepted;
    socklen_t size = sizeof accepted.remote;
    accepted.fd.reset(::accept4(listener.fd.get(), as_address(accepted.remote), &size,
                                SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted.fd) {
        if (is_gone(errno))
            return std::nullopt;
        system::throw_errno("accept");
    }
    size = sizeof accepted.local;
    ::getsockname(accepted.fd.get(), as_address(accepted.local), &size);
    const int family = accepted.local.ss_family;
    if (family == AF_UNIX)
        accepted.peer = peer_of(accepted.fd);
    set_options(accepted.fd, family, settings);
    return accepted;
}

unit::Environment remote_variables(system::Fd connection) {
    sockaddr_storage remote{};
    socklen_t size = sizeof remote;
    if (::getpeername(connection.get(), as_address(remote), &size) < 0)
        return {};
    const std::string host = unit_types::host_text(remote);
    if (host.empty())
        return {};
    return {util::concat("REMOTE_ADDR=", host),
            util::concat("REMOTE_PORT=", unit_types::port_of(remote))};
}

std::vector<UniqueFd> flush(const Listener& listener) {
    // Limit the loop, because clients may connect or send faster than we drop their connections and
    // messages.
    constexpr int most = 10000;
    std::byte buffer[4096];
    std::vector<UniqueFd> taken;
    for (int count = 0; count < most; ++count) {
        pollfd waiting{listener.fd.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 0) <= 0 || !(waiting.revents & POLLIN))
            break;
        if (listener.accepts) {
            UniqueFd connection(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!connection && !is_gone(errno))
                break;
            taken.push_back(std::move(connection));
        } else if (auto message = system::receive_datagram(listener.fd, buffer)) {
            std::ranges::move(message->fds, std::back_inserter(taken));
        } else if (::read(listener.fd.get(), buffer, sizeof buffer) <= 0) {
            // A FIFO or another file that is not a socket can only be read.
            break;
        }
    }
    return taken;
}

}  // namespace notifybridge::listen
