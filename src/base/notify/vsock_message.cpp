#include "base/notify/vsock_message.hpp"

// <linux/vm_sockets.h> needs this header, but some versions do not include it.
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "base/system/datagram.hpp"

namespace notifybridge::notify {
namespace {

using Outcome = Attempt::Outcome;

// The socket types, in the order in which sd_notify(3) tries them.
constexpr std::array<int, 3> all_types = {SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};

std::span<const int> types_of(const Address& address) {
    const std::span<const int> all(all_types);
    const auto one = std::ranges::find(all, address.socket_type);
    return one == all.end() ? all : all.subspan(static_cast<std::size_t>(one - all.begin()), 1);
}

/// Binds a port below 1024 if the kernel allows this. Only privileged senders get such a port, and
/// the host may require one. If the sender is not privileged, the kernel chooses the port.
void bind_privileged_port(system::Fd socket) {
    for (std::uint32_t port = 1023; port > 0; --port) {
        const auto local = system::SocketAddress::vsock(VMADDR_CID_ANY, port);
        if (::bind(socket.get(), local.data(), local.size()) == 0 || errno != EADDRINUSE)
            return;
    }
}

/// Returns the errno of a connection attempt, or 0 if the attempt has not failed.
int failure_of(system::Fd socket) {
    int code = 0;
    socklen_t size = sizeof code;
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &code, &size) < 0 ? errno : code;
}

}  // namespace

VsockMessage::VsockMessage(const Address& address)
    : peer_(system::SocketAddress::vsock(address.cid, address.port)), types_(types_of(address)) {}

Attempt VsockMessage::send(std::string_view datagram) {
    for (;;) {
        const Attempt attempt = try_type(datagram);
        if (attempt.outcome() == Outcome::busy)
            return attempt;
        // If connecting with this type fails, the peer may listen with another type.
        const bool may_be_another = stage_ <= Stage::connecting && !attempt
                                    && !attempt.is_impossible() && type_ + 1 < types_.size();
        socket_.reset();
        stage_ = Stage::beginning;
        written_ = 0;
        type_ = may_be_another ? type_ + 1 : 0;
        if (!may_be_another)
            return attempt;
    }
}

Attempt VsockMessage::try_type(std::string_view datagram) {
    if (stage_ == Stage::beginning)
        if (const Attempt begun = connect(); !begun)
            return begun;
    if (stage_ == Stage::connecting)
        if (const Attempt all = write(datagram); !all)
            return all;
    return types_[type_] == SOCK_DGRAM ? Attempt() : await_reader();
}

Attempt VsockMessage::connect() {
    auto socket = system::open_socket(AF_VSOCK, types_[type_]);
    if (!socket)
        return failed_to_connect(socket.error());
    socket_ = std::move(*socket);
    bind_privileged_port(socket_);
    stage_ = Stage::connecting;
    if (::connect(socket_.get(), peer_.data(), peer_.size()) == 0)
        return {};
    return errno == EINPROGRESS ? Attempt(Outcome::busy, system::error_of(EAGAIN))
                                : failed_to_connect(system::last_error());
}

Attempt VsockMessage::write(std::string_view datagram) {
    if (const int failure = failure_of(socket_); failure != 0)
        return failed_to_connect(system::error_of(failure));
    while (written_ < datagram.size()) {
        const std::string_view rest = datagram.substr(written_);
        const ssize_t size = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (size >= 0) {
            written_ += static_cast<std::size_t>(size);
            continue;
        }
        // The socket is not connected yet, or its buffer is full.
        if (errno == ENOTCONN || errno == EAGAIN)
            return {Outcome::busy, system::error_of(EAGAIN)};
        if (errno != EINTR)
            return failed_to_send(system::last_error());
    }
    ::shutdown(socket_.get(), SHUT_WR);
    stage_ = Stage::awaiting_reader;
    return {};
}

Attempt VsockMessage::await_reader() {
    // A service manager sends no data, so recv(2) can only report the end of the connection.
    std::array<std::byte, 1> answer;
    if (::recv(socket_.get(), answer.data(), answer.size(), 0) >= 0)
        return {};
    return errno == EINTR ? Attempt(Outcome::busy, system::error_of(EAGAIN))
                          : failed_to_send(system::last_error());
}

}  // namespace notifybridge::notify
