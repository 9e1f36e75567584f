#pragma once

#include <sys/socket.h>

#include <vector>

#include "bridge/probe/connection.hpp"
#include "bridge/probe/path_look.hpp"

namespace notifybridge::probe {

/// Holds while somebody takes connections at one of several addresses; at a socket for datagrams,
/// while that is there.
class ConnectProbe : public Probe {
public:
    /// `limit`: how long one check may take. `types`: what the socket there may be.
    ConnectProbe(event::Loop& loop, std::string description,
                 std::vector<system::SocketAddress> addresses, std::chrono::microseconds limit,
                 std::vector<int> types = {SOCK_STREAM});

    /// Where the socket's path may hang, it has to be found in a child before it is connected to.
    void look_first(std::unique_ptr<PathLook> place) { place_ = std::move(place); }

    event::Awaitable<Finding> check() final;

protected:
    /// What is found by the connection, once there is one.
    virtual event::Awaitable<Finding> ask(Connection& connection);

private:
    event::Awaitable<Finding> find();

    std::vector<system::SocketAddress> addresses_;
    std::vector<int> types_;
    std::chrono::microseconds limit_;
    Connection connection_;
    std::unique_ptr<PathLook> place_;
};

/// An error for a sentence: "connection refused".
std::string reason_of(boost::system::error_code error);

/// The finding of a connection that failed so.
Finding failure_of(boost::system::error_code error);

}  // namespace notifybridge::probe
