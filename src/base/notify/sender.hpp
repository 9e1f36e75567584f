#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/notify/address.hpp"
#include "base/notify/attempt.hpp"
#include "base/notify/vsock_message.hpp"
#include "base/system/datagram.hpp"

namespace notifybridge::notify {

/// A sender of datagrams to a service manager. It connects for the first datagram, and again after
/// the peer has closed its socket. So the peer's socket may appear later, or may be replaced.
class Sender {
public:
    explicit Sender(Address address);

    const Address& address() const { return address_; }

    /// Returns whether datagrams can carry descriptors, which barriers need. A vsock cannot carry
    /// descriptors. Over a vsock, a datagram counts as sent when the peer has read it.
    bool carries_fds() const { return !over_vsock_; }

    /// Sends one datagram without waiting. If the result is `busy`, the caller has to wait for
    /// `fd`, and then sends the same datagram again. If `awaits_reader` is true, the caller waits
    /// until `fd` is readable. Otherwise the caller waits until `fd` is writable.
    Attempt send(std::string_view datagram, std::span<const system::Fd> fds = {},
                 std::optional<system::Credentials> sender = {});

    /// Returns the current socket, if there is one.
    system::Fd fd() const { return over_vsock_ ? over_vsock_->fd() : system::Fd(socket_); }
    bool awaits_reader() const { return over_vsock_ && over_vsock_->awaits_reader(); }

private:
    system::Result<std::size_t> connect();

    Address address_;
    system::UniqueFd socket_;
    std::optional<VsockMessage> over_vsock_;
};

}  // namespace notifybridge::notify
