#pragma once

#include <sys/socket.h>

#include <vector>

#include "bridge/probe/connection.hpp"
#include "bridge/probe/path_look.hpp"

namespace notifybridge::probe {

/// A probe that succeeds while one of several addresses accepts connections. If the address is that
/// of a datagram socket, the probe succeeds while a process has this socket open.
class ConnectProbe : public Probe {
public:
    /// One check takes at most `limit`. The socket's type may be any of `types`.
    ConnectProbe(event::Loop& loop, std::string description,
                 std::vector<system::SocketAddress> addresses, std::chrono::microseconds limit,
                 std::vector<int> types = {SOCK_STREAM});

    /// Makes each check first examine the socket's path in a child process. Call this if the file
    /// system of the path may hang.
    void check_path_first(std::unique_ptr<PathLook> place) { place_ = std::move(place); }

    event::Awaitable<Finding> check() final;

    /// If nothing listens at the addresses, names those at which another socket listens. Leaves out
    /// sockets that listened when this probe was created, before the command started.
    std::string hint() const final;

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
    bool is_refused_ = false;           ///< Whether the last check was refused.
    std::vector<std::uint64_t> early_;  ///< The inodes of sockets that the command did not create.
};

/// Returns a text about `error` that begins in lower case: "connection refused".
std::string reason_of(boost::system::error_code error);

/// Returns the finding for a failed connection.
Finding failure_of(boost::system::error_code error);

}  // namespace notifybridge::probe
