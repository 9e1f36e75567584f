#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "notify/address.hpp"
#include "system/datagram.hpp"

namespace notifybridge::notify {

/// Sends to a service manager. Connects when there is something to send and again after the peer
/// went away, so that a socket that appears later, or comes back, is used from then on.
class Sender {
public:
    explicit Sender(Address address) : address_(std::move(address)) {}

    const Address& address() const { return address_; }

    /// Sends one datagram, without waiting. EAGAIN: the peer's queue is full, wait until `fd` is
    /// writable. Other errors: the peer is not there (ENOENT, ECONNREFUSED, ...), or there is no
    /// descriptor or memory left here (EMFILE, ENOBUFS, ...); try again later.
    /// Over a vsock it waits for the peer to have read it, as sd_notify(3) does.
    system::Result<std::size_t> send(std::string_view datagram,
                                     std::span<const system::Fd> fds = {},
                                     std::optional<system::Credentials> sender = {});

    /// The connected socket, if there is one.
    system::Fd fd() const { return socket_; }

private:
    system::Result<std::size_t> connect();
    system::Result<std::size_t> send_over_vsock(std::string_view datagram);

    Address address_;
    system::UniqueFd socket_;
};

}  // namespace notifybridge::notify
