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
    connection,  ///< A stream that does not listen: .socket units with Accept=yes pass those.
    datagram,
    other,  ///< Another type of socket, or not a socket.
};

struct PassedSocket {
    std::string name;
    SocketKind kind = SocketKind::other;
};

/// A socket that --proxy cannot use; what() tells what to change in the .socket unit.
struct SocketError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// Returns what kind of socket `fd` is.
SocketKind kind_of(system::Fd fd);

/// Describes the passed descriptors; there is one name for each.
std::vector<PassedSocket> describe_sockets(std::span<const system::Fd> fds,
                                           std::span<const std::string> names);

/// Returns for each specification the indexes of its sockets: those with its name, as a .socket
/// unit with several ListenStream= gives all of them the same, or the only one. Throws SocketError.
std::vector<std::vector<std::size_t>> choose_sockets(std::span<const Specification> specifications,
                                                     std::span<const PassedSocket> sockets);

/// Refuses a target on which systemd itself listens with `socket`: connections would come back to
/// us. Throws SocketError.
void check_no_circle(const Specification& specification, system::Fd socket);

}  // namespace notifybridge::proxy
