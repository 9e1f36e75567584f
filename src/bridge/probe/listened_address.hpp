#pragma once

#include <span>

#include "base/system/fd.hpp"
#include "base/system/socket_address.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::probe {

/// Whether `listening` is a socket that takes connections to `address` as we would connect to it.
/// False if it belongs to another network namespace, or if the kernel (before Linux 5.14) cannot
/// tell that, and for a path that does not lead to a socket here.
bool takes_connections_to(system::Fd listening, const system::SocketAddress& address);

/// Refuses a probe of tcp: or unix: for an address that a service manager listens on by one of
/// `sockets`, which it has passed for the command (sd_listen_fds(3)): such a probe holds before the
/// command has started, and its connection waits for the next start. `option` is the name for
/// people. Throws std::runtime_error.
void check_not_listened_on(std::string_view option, const Specification& specification,
                           std::span<const system::Fd> sockets);

}  // namespace notifybridge::probe
