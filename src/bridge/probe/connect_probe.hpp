#pragma once

#include <sys/socket.h>

#include <vector>

#include "bridge/probe/connection.hpp"
#include "bridge/probe/path_look.hpp"

namespace notifybridge::probe {

/// Holds while one of several addresses accepts connections. For a datagram socket, holds while the
/// socket exists.
class ConnectProbe : public Probe {
public:
    /// One check takes at most `limit`. The socket may have one of `types`.
    ConnectProbe(event::Loop& loop, std::string description,
                 std::vector<system::SocketAddress> addresses, std::chrono::microseconds limit,
                 std::vector<int> types = {SOCK_STREAM});

    /// Lets each check look for the socket's path in a child process first, if the path's file
    /// system may hang.
    void look_first(std::unique_ptr<PathLook> place) { place_ = std::move(place); }

    event::Awaitable<Finding> check() final;

protected:
    /// Continues the check over the established connection.
    virtual event::Awaitable<Finding> ask(Connection& connection);

private:
    event::Awaitable<Finding> find();

    std::vector<system::SocketAddress> addresses_;
    std::vector<int> types_;
    std::chrono::microseconds limit_;
    Connection connection_;
    std::unique_ptr<PathLook> place_;
};

/// Returns the text of an error in lower case: "connection refused".
std::string reason_of(boost::system::error_code error);

/// Returns the finding for a failed connection.
Finding failure_of(boost::system::error_code error);

}  // namespace notifybridge::probe
