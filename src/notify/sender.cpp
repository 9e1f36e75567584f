#include "notify/sender.hpp"

#include <linux/vm_sockets.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace notifybridge::notify {
namespace {

boost::system::error_code error(int code) {
    return {code, boost::system::system_category()};
}

system::SocketAddress to_socket_address(const Address& address) {
    switch (address.kind) {
        case Address::Kind::path:
            return system::SocketAddress::unix_path(address.name);
        case Address::Kind::abstract:
            return system::SocketAddress::unix_abstract(address.name);
        case Address::Kind::vsock:
            break;
    }
    return system::SocketAddress::vsock(address.cid, address.port);
}

/// The kernel lets a privileged sender show that it is one by a port below 1024, which the host may
/// ask for; without the privilege any port has to do.
void bind_privileged_port(system::Fd socket) {
    for (std::uint32_t port = 1023; port > 0; --port) {
        const auto local = system::SocketAddress::vsock(VMADDR_CID_ANY, port);
        if (::bind(socket.get(), local.data(), local.size()) == 0 || errno != EADDRINUSE)
            return;
    }
}

}  // namespace

system::Result<std::size_t> Sender::connect() {
    auto socket = system::open_socket(AF_UNIX, SOCK_DGRAM);
    if (!socket)
        return socket.error();
    const auto peer = to_socket_address(address_);
    if (::connect(socket->get(), peer.data(), peer.size()) < 0)
        return system::last_error();
    socket_ = std::move(*socket);
    return std::size_t{0};
}

system::Result<std::size_t> Sender::send(std::string_view datagram, std::span<const system::Fd> fds,
                                         std::optional<system::Credentials> sender) {
    if (address_.kind == Address::Kind::vsock)
        return fds.empty() ? send_over_vsock(datagram) : error(EOPNOTSUPP);

    const bool was_connected = static_cast<bool>(socket_);
    if (!was_connected)
        if (const auto connected = connect(); !connected)
            return connected;
    auto sent = system::send_datagram(socket_, system::bytes_of(datagram), fds, sender);
    const int code = sent ? 0 : sent.error().value();
    if (code != ECONNREFUSED && code != ECONNRESET && code != ENOTCONN && code != EPIPE)
        return sent;

    // Whoever was at the other end is gone; somebody else may own the name by now.
    socket_.reset();
    return was_connected ? send(datagram, fds, sender) : sent;
}

system::Result<std::size_t> Sender::send_over_vsock(std::string_view datagram) {
    constexpr std::array<int, 3> any_type = {SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM};
    const std::array<int, 1> one_type = {address_.socket_type};
    const std::span<const int> types =
        address_.socket_type == 0 ? std::span<const int>(any_type) : std::span<const int>(one_type);
    const auto peer = to_socket_address(address_);
    boost::system::error_code failure = error(EPROTOTYPE);
    for (const int type : types) {
        const system::UniqueFd socket(::socket(AF_VSOCK, type | SOCK_CLOEXEC, 0));
        if (!socket) {
            failure = system::last_error();
            continue;
        }
        bind_privileged_port(socket);
        if (::connect(socket.get(), peer.data(), peer.size()) < 0
            || ::send(socket.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0) {
            failure = system::last_error();
            continue;
        }
        if (type != SOCK_DGRAM) {
            // The peer reads to the end and closes: then it has all of it.
            ::shutdown(socket.get(), SHUT_WR);
            pollfd end{socket.get(), POLLIN, 0};
            ::poll(&end, 1, 5000);
        }
        return datagram.size();
    }
    return failure;
}

}  // namespace notifybridge::notify
