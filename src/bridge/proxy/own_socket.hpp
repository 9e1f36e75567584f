#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/proxy/specification.hpp"

namespace notifybridge::proxy {

/// Listens at the address of `specification`, which has one (`own`). A socket in the file system is
/// open to all users, like those of systemd (SocketMode=), and replaces an old one on which nobody
/// listens. Throws SocketError if that fails.
system::UniqueFd listen_at_own_address(const Specification& specification);

/// Adds the sockets of all specifications that have an own address to the sockets that systemd
/// passed. `names` are the names of `fds`. Throws SocketError.
void add_own_sockets(std::span<const Specification> specifications,
                     std::vector<system::UniqueFd>& fds, std::vector<std::string>& names);

}  // namespace notifybridge::proxy
