#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::system {

/// A TCP socket that listens.
struct TcpListener {
    std::string host;  ///< A literal address, such as "127.0.0.1" or "::". "::ffff:" is removed.
    std::uint16_t port = 0;
    std::uint64_t inode = 0;  ///< Identifies the socket, as in "socket:[7]" of /proc/PID/fd.

    bool operator==(const TcpListener&) const = default;
};

/// Reads a table in the format of /proc/net/tcp or /proc/net/tcp6 (proc_pid_net(5)). The kernel
/// puts the sockets that listen before all others, so reading stops at the first other socket.
std::vector<TcpListener> read_tcp_listeners(std::string_view table);

/// Returns the TCP sockets that listen in our network namespace. Reads no more than the beginning
/// of the kernel's tables, which has room for some 400 sockets of each protocol. Returns no sockets
/// if the tables cannot be read.
std::vector<TcpListener> tcp_listeners();

}  // namespace notifybridge::system
