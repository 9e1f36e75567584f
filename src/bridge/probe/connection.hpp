#pragma once

#include <optional>
#include <span>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/system/datagram.hpp"

namespace notifybridge::probe {

/// A client's connection, one at a time, all of whose steps together take no longer than a limit.
/// A step that the limit ends fails with ETIMEDOUT.
class Connection {
public:
    explicit Connection(event::Loop& loop);

    /// From now on there is so much time.
    void limit(std::chrono::microseconds span);

    /// Connects, in place of what was connected before. `type` is SOCK_STREAM, ... Returns the
    /// descriptor's number.
    event::Awaitable<system::Result<int>> connect(system::SocketAddress address, int type);

    /// Sends all of `bytes`, which the caller keeps. Returns how many these are.
    event::Awaitable<system::Result<std::size_t>> send(system::Bytes bytes);

    /// Waits for some bytes, and takes them; 0 is the end.
    event::Awaitable<system::Result<std::size_t>> receive(std::span<std::byte> buffer);

    /// Closes the connection, and lifts the limit.
    void close();

private:
    event::Awaitable<bool> wait(bool for_writing);

    event::Loop& loop_;
    std::optional<event::Descriptor> socket_;
    event::Deadline deadline_;
    bool over_ = false;
};

/// Whether the kernel connected the socket with itself: the port that it chooses for a client may
/// be the very one that nobody listens on yet.
bool is_own_peer(system::Fd socket);

}  // namespace notifybridge::probe
