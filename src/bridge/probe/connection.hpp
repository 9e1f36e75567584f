#pragma once

#include <optional>
#include <span>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/system/datagram.hpp"

namespace notifybridge::probe {

/// A client's connection, one at a time, with one limit for all steps together. A step that exceeds
/// it fails with ETIMEDOUT.
class Connection {
public:
    explicit Connection(event::Loop& loop);

    /// Starts the limit: all steps from now on share this time.
    void limit(std::chrono::microseconds span);

    /// Connects, replacing the previous connection. `type` is SOCK_STREAM, … Returns the
    /// descriptor's number.
    event::Awaitable<system::Result<int>> connect(system::SocketAddress address, int type);

    /// Sends all of `bytes`, which the caller keeps valid. Returns their number.
    event::Awaitable<system::Result<std::size_t>> send(system::Bytes bytes);

    /// Waits for data and reads some. Returns 0 at the end.
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

/// Returns whether the kernel connected the socket to itself: the port that it chooses for a client
/// may be the one that nobody listens on yet.
bool is_own_peer(system::Fd socket);

}  // namespace notifybridge::probe
