#pragma once

#include <vector>

#include "bridge/probe/connection.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Holds while somebody takes connections, by TCP.
class TcpProbe final : public Probe {
public:
    /// `limit`: how long one check may take.
    TcpProbe(event::Loop& loop, std::string description,
             std::vector<system::SocketAddress> addresses, std::chrono::microseconds limit);

    event::Awaitable<Finding> check() override;

private:
    std::vector<system::SocketAddress> addresses_;
    std::chrono::microseconds limit_;
    Connection connection_;
};

/// Holds while a socket in the file system, or of an abstract name, takes connections; one for
/// datagrams does as soon as it is there.
class UnixProbe final : public Probe {
public:
    UnixProbe(event::Loop& loop, std::string description, system::SocketAddress address,
              std::chrono::microseconds limit);

    event::Awaitable<Finding> check() override;

private:
    system::SocketAddress address_;
    std::chrono::microseconds limit_;
    Connection connection_;
};

/// An error for a sentence: "connection refused".
std::string reason_of(boost::system::error_code error);

}  // namespace notifybridge::probe
