#pragma once

#include <string>

#include "base/system/socket_address.hpp"

namespace notifybridge::system {

/// Removes the socket at the path `place` if nobody listens on it, so that a new socket can have
/// this path. `type` is the type of the old socket, such as SOCK_STREAM. Returns why this is not
/// possible, and what to do. Returns an empty text on success, or if there is nothing to remove.
std::string remove_stale_socket(const SocketAddress& place, int type);

}  // namespace notifybridge::system
