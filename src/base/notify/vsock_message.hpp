#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/notify/address.hpp"
#include "base/notify/attempt.hpp"
#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"

namespace notifybridge::notify {

/// One datagram on its way over a vsock, as sd_notify(3) sends it: over a connection of its own,
/// whose end is the datagram's, and which the peer closes when it has read all of it. It never
/// blocks.
class VsockMessage {
public:
    /// `address` is that of a vsock. Where it leaves the type of socket open, each is tried.
    explicit VsockMessage(const Address& address);

    /// Goes on as far as it gets; `datagram` is the same each time. After `busy` it goes on from
    /// there when `fd` is ready, and after anything else it begins anew. `sent` means that the peer
    /// has read it, except over SOCK_DGRAM, where that cannot be known.
    Attempt go_on(std::string_view datagram);

    system::Fd fd() const { return socket_; }

    /// Whether it is the peer's answer that is waited for, and not room to write.
    bool awaits_reader() const { return stage_ == Stage::awaiting_reader; }

private:
    enum class Stage { beginning, connecting, awaiting_reader };

    Attempt try_type(std::string_view datagram);
    Attempt connect();
    Attempt write(std::string_view datagram);
    Attempt await_reader();

    system::SocketAddress peer_;
    std::span<const int> types_;  ///< Of sockets, those that are left to be tried come last.
    std::size_t type_ = 0;
    system::UniqueFd socket_;
    Stage stage_ = Stage::beginning;
    std::size_t written_ = 0;
};

}  // namespace notifybridge::notify
