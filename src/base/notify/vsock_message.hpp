#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/notify/address.hpp"
#include "base/notify/attempt.hpp"
#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"

namespace notifybridge::notify {

/// A sender of datagrams over a vsock. Like sd_notify(3), it uses a separate connection for each
/// datagram. The end of the connection marks the end of the datagram. The peer closes the
/// connection after it has read everything. No function blocks.
class VsockMessage {
public:
    /// Creates a sender to `address`, which must be a vsock. If `address` does not name a socket
    /// type, `send` tries each type.
    explicit VsockMessage(const Address& address);

    /// Sends as much of `datagram` as possible. If the result is `busy`, call this again with the
    /// same `datagram` when `fd` is ready. `sent` means that the peer has read the datagram.
    /// SOCK_DGRAM is an exception, because it has no confirmation.
    Attempt send(std::string_view datagram);

    system::Fd fd() const { return socket_; }

    /// Returns whether we wait for the peer to read the datagram, and not for room to write.
    bool awaits_reader() const { return stage_ == Stage::awaiting_reader; }

private:
    enum class Stage { beginning, connecting, awaiting_reader };

    Attempt try_type(std::string_view datagram);
    Attempt connect();
    Attempt write(std::string_view datagram);
    Attempt await_reader();

    system::SocketAddress peer_;
    std::span<const int> types_;  ///< The socket types to try, in order.
    std::size_t type_ = 0;
    system::UniqueFd socket_;
    Stage stage_ = Stage::beginning;
    std::size_t written_ = 0;
};

}  // namespace notifybridge::notify
