#include "base/notify/sender.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace notifybridge::notify {

Sender::Sender(Address address) : address_(std::move(address)) {
    if (address_.kind == Address::Kind::vsock)
        over_vsock_.emplace(address_);
}

system::Result<std::size_t> Sender::connect() {
    auto socket = system::open_socket(AF_UNIX, SOCK_DGRAM);
    if (!socket)
        return socket.error();
    const auto peer = address_.kind == Address::Kind::path
                          ? system::SocketAddress::unix_path(address_.name)
                          : system::SocketAddress::unix_abstract(address_.name);
    if (::connect(socket->get(), peer.data(), peer.size()) < 0)
        return system::last_error();
    socket_ = std::move(*socket);
    return std::size_t{0};
}

Attempt Sender::send(std::string_view datagram, std::span<const system::Fd> fds,
                     std::optional<system::Credentials> sender) {
    if (over_vsock_ && !fds.empty())
        return failed_to_send(system::error_of(EOPNOTSUPP));
    if (over_vsock_)
        return over_vsock_->send(datagram);

    const bool was_connected = static_cast<bool>(socket_);
    if (!was_connected)
        if (const auto connected = connect(); !connected)
            return failed_to_connect(connected.error());
    const auto sent = system::send_datagram(socket_, system::bytes_of(datagram), fds, sender);
    if (sent)
        return {};
    const int code = sent.error().value();
    if (code != ECONNREFUSED && code != ECONNRESET && code != ENOTCONN && code != EPIPE)
        return failed_to_send(sent.error());

    // The receiver has closed its socket, but another receiver may have bound the address since
    // then.
    socket_.reset();
    return was_connected ? send(datagram, fds, sender) : failed_to_send(sent.error());
}

}  // namespace notifybridge::notify
