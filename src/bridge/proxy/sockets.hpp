#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/proxy/specification.hpp"

/// Chooses the sockets of --proxy among those that systemd passed (sd_listen_fds_with_names(3)).
namespace notifybridge::proxy {

enum class SocketKind {
    listening_stream,
    /// A connected stream. A .socket unit with Accept=yes passes such sockets.
    connection,
    /// A stream that neither listens nor is connected. systemd passes no such sockets, so a process
    /// has changed the socket.
    unused_stream,
    datagram,
    other,  ///< Another type of socket, or not a socket.
};

struct PassedSocket {
    std::string name;
    SocketKind kind = SocketKind::other;
};

/// The error for a socket that --proxy cannot use. what() explains what to change in the .socket
/// unit.
struct SocketError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// Returns the kind of `fd`, which need not be a socket.
SocketKind kind_of(system::Fd fd);

/// Describes the passed descriptors. `names` has one name for each descriptor.
std::vector<PassedSocket> describe_sockets(std::span<const system::Fd> fds,
                                           std::span<const std::string> names);

/// Returns, for each specification, the indexes of the sockets that have its name. Several sockets
/// may have the same name, because a .socket unit gives one name to all its ListenStream= sockets.
/// A specification without a name gets the only socket. Throws SocketError if a specification gets
/// no socket, or gets a socket that --proxy cannot use.
std::vector<std::vector<std::size_t>> choose_sockets(std::span<const Specification> specifications,
                                                     std::span<const PassedSocket> sockets);

/// Refuses a target on which systemd listens with `socket`, because we would then accept our own
/// connections. Throws SocketError in this case.
void check_no_circle(const Specification& specification, system::Fd socket);

}  // namespace notifybridge::proxy
