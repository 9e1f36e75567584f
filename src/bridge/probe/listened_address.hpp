#pragma once

#include <span>

#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// Returns whether `listening` is a socket that would accept our connections to `address`. Returns
/// false if the socket is in another network namespace, or if the kernel does not report the
/// namespace (before Linux 5.14). Also returns false if `address` is a path that is not a socket
/// here.
bool takes_connections_to(system::Fd listening, const system::SocketAddress& address);

/// Refuses a tcp: or unix: probe if the service manager already listens on the probe's address.
/// `sockets` are the sockets that the manager passed for the command (sd_listen_fds(3)). The kernel
/// would accept the probe's connection before the command starts, and keep this connection in the
/// queue. Throws std::runtime_error, whose text names `option`, if the probe is refused.
void check_not_listened_on(std::string_view option, const Specification& specification,
                           std::span<const system::Fd> sockets);

}  // namespace notifybridge::probe
