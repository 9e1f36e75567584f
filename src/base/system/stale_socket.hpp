#pragma once

#include <string>

#include "base/system/socket_address.hpp"

namespace notifybridge::system {

/// Removes the socket at the path `place` if nobody listens on it, so that a new socket can have
/// this path. `type` is the type of the old socket, such as SOCK_STREAM. Returns why this is not
/// possible, and what to do. Returns an empty text on success, or if there is nothing to remove.
std::string remove_stale_socket(const SocketAddress& place, int type);

/// Describes why no socket could be made at a path, and what to do in a unit.
std::string explain_path_error(int error);

/// The number of clients that may wait in the kernel: the default of net.core.somaxconn.
inline constexpr int longest_backlog = 4096;

}  // namespace notifybridge::system
