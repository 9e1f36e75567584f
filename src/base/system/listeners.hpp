#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::system {

enum class Transport : std::uint8_t { tcp, udp };

/// A socket that clients can reach: a TCP socket that listens, or a bound UDP socket without a
/// peer.
struct Listener {
    std::string host;  ///< A literal address, such as "127.0.0.1" or "::". "::ffff:" is removed.
    std::uint16_t port = 0;
    std::uint64_t inode = 0;  ///< Identifies the socket, as in "socket:[7]" of /proc/PID/fd.
    /// Whether an IPv6 socket takes no IPv4. Unknown, and so false, in the tables of /proc.
    bool is_v6_only = false;

    bool operator==(const Listener&) const = default;
};

/// A socket of AF_UNIX that clients can reach: one that listens, or a bound datagram socket.
struct LocalListener {
    std::string name;  ///< The path to which the socket was bound, or "@" and an abstract name.
    std::uint64_t inode = 0;

    bool operator==(const LocalListener&) const = default;
};

/// Returns whether a client that connects to the literal address `host` reaches `listener`. The
/// unspecified address ("0.0.0.0", "::") is only reached if `listener` has all addresses.
bool covers(const Listener& listener, std::string_view host);

/// Returns whether only clients in the same network namespace can reach `listener`.
bool is_on_loopback(const Listener& listener);

/// Returns the address of `listener`: "127.0.0.1:80" or "[::1]:80".
std::string to_string(const Listener& listener);

/// Returns the first three different addresses of listeners, for a sentence: "127.0.0.1:80 and
/// [::1]:80".
std::string names_of(const std::vector<Listener>& listeners);

/// Reads a table in the format of /proc/net/tcp, tcp6, udp or udp6 (proc_pid_net(5)). Ignores lines
/// that are no listeners.
std::vector<Listener> read_listeners(std::string_view table, Transport transport);

/// Reads a table in the format of /proc/net/unix.
std::vector<LocalListener> read_local_listeners(std::string_view table);

/// Returns the listeners in our network namespace according to the tables of /proc/net. Reads only
/// the first 256 KiB of each table. Returns no listeners if the tables cannot be read.
std::vector<Listener> listeners_in_proc(Transport transport);
std::vector<LocalListener> local_listeners_in_proc();

}  // namespace notifybridge::system
