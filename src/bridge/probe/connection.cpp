#include "bridge/probe/connection.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace notifybridge::probe {
namespace {

/// Makes close(2) free the port at once, because the server that we wait for may need this port.
void free_port_at_close(int socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

bool is_own_peer(system::Fd socket) {
    sockaddr_storage own{};
    sockaddr_storage peer{};
    socklen_t own_size = sizeof own;
    socklen_t peer_size = sizeof peer;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&own), &own_size);
    ::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&peer), &peer_size);
    const bool is_internet = own.ss_family == AF_INET || own.ss_family == AF_INET6;
    return is_internet && own_size == peer_size && std::memcmp(&own, &peer, own_size) == 0;
}

Connection::Connection(event::Loop& loop) : loop_(loop), deadline_(loop) {
    deadline_.on_expired = [this] {
        over_ = true;
        if (socket_)
            socket_->cancel();
    };
}

void Connection::limit(std::chrono::microseconds span) {
    over_ = false;
    deadline_.start(span);
}

event::Awaitable<bool> Connection::wait(bool for_writing) {
    if (over_)
        co_return false;
    // GCC 12 cannot compile co_await in both branches of a conditional expression.
    bool ready = false;
    if (for_writing)
        ready = co_await socket_->writable();
    else
        ready = co_await socket_->readable();
    co_return ready && !over_;
}

event::Awaitable<system::Result<int>> Connection::connect(system::SocketAddress address, int type) {
    socket_.reset();
    auto socket = system::open_socket(address.family(), type);
    if (!socket)
        co_return socket.error();
    const int fd = socket->get();
    if (!event::watch(socket_, loop_, std::move(*socket)))
        co_return system::error_of(ENOMEM);
    if (::connect(fd, address.data(), address.size()) < 0) {
        if (errno != EINPROGRESS)
            co_return system::last_error();
        const bool writable = co_await wait(/*for_writing=*/true);
        if (!writable)
            co_return system::error_of(ETIMEDOUT);
        int failure = 0;
        socklen_t size = sizeof failure;
        ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size);
        if (failure != 0)
            co_return system::error_of(failure);
    }
    if (is_own_peer(system::Fd(fd))) {
        free_port_at_close(fd);
        socket_.reset();
        co_return system::error_of(ECONNREFUSED);
    }
    co_return fd;
}

event::Awaitable<system::Result<std::size_t>> Connection::send(system::Bytes bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t size = ::send(socket_->fd().get(), bytes.data() + sent, bytes.size() - sent,
                                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size >= 0) {
            sent += static_cast<std::size_t>(size);
            continue;
        }
        if (errno != EAGAIN && errno != EINTR)
            co_return system::last_error();
        const bool writable = co_await wait(/*for_writing=*/true);
        if (!writable)
            co_return system::error_of(ETIMEDOUT);
    }
    co_return sent;
}

event::Awaitable<system::Result<std::size_t>> Connection::receive(std::span<std::byte> buffer) {
    for (;;) {
        const ssize_t size =
            ::recv(socket_->fd().get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (size >= 0 && !over_)
            co_return static_cast<std::size_t>(size);
        if (size < 0 && errno != EAGAIN && errno != EINTR)
            co_return system::last_error();
        const bool readable = co_await wait(/*for_writing=*/false);
        if (!readable)
            co_return system::error_of(ETIMEDOUT);
    }
}

void Connection::close() {
    socket_.reset();
    deadline_.cancel();
}

}  // namespace notifybridge::probe
