#pragma once

#include <optional>
#include <span>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/system/datagram.hpp"

namespace notifybridge::probe {

/// A client of a server, with one connection at a time. All steps share one time limit. A step that
/// exceeds the limit fails with ETIMEDOUT.
class Connection {
public:
    explicit Connection(event::Loop& loop);

    /// Starts the time limit. All later steps together take at most `span`.
    void limit(std::chrono::microseconds span);

    /// Connects to `address`, and closes the previous connection. `type` is SOCK_STREAM, for
    /// example. Returns the descriptor's number.
    event::Awaitable<system::Result<int>> connect(system::SocketAddress address, int type);

    /// Sends all of `bytes`, which the caller keeps valid. Returns how many bytes were sent.
    event::Awaitable<system::Result<std::size_t>> send(system::Bytes bytes);

    /// Waits for data and reads some of it. Returns the number of bytes, which is 0 at the end.
    event::Awaitable<system::Result<std::size_t>> receive(std::span<std::byte> buffer);

    /// Closes the connection and ends the limit.
    void close();

private:
    event::Awaitable<bool> wait(bool for_writing);

    event::Loop& loop_;
    std::optional<event::Descriptor> socket_;
    event::Deadline deadline_;
    bool over_ = false;
};

/// Returns whether the kernel has connected the socket to itself. This happens if nobody listens on
/// the port yet, and the kernel chooses the same port for the client.
bool is_own_peer(system::Fd socket);

}  // namespace notifybridge::probe
