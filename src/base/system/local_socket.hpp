#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Connects processes through a socket in a directory (AF_UNIX). If a function does not say
/// otherwise, the socket is of type SOCK_SEQPACKET: packets keep their boundaries and may carry
/// descriptors. Only `connect_at` with `waits` blocks.
namespace notifybridge::system {

/// Listens at a new socket `name` in `directory`. The directory's path may have any length.
Result<UniqueFd> listen_at(Fd directory, const char* name, mode_t mode);

/// Accepts the next connection. Returns EAGAIN if there is none.
Result<UniqueFd> accept_connection(Fd listener);

/// Connects to `name` in `directory` if it is a socket on the same mount. Returns ELOOP for a link
/// and ENOTSOCK for any other file, without opening it. If the backlog is full, waits if `waits` is
/// set, and otherwise returns EAGAIN. The new connection never blocks.
Result<UniqueFd> connect_at(Fd directory, const char* name, bool waits = false);

/// Connects like `connect_at`, but to a datagram socket (SOCK_DGRAM). The receiver of such a socket
/// does not notice the connection. Returns EPROTOTYPE for a socket of another type, and
/// ECONNREFUSED if no process receives from the socket.
Result<UniqueFd> connect_to_datagrams(Fd directory, const char* name);

/// Connects like `connect_at`, but to a stream socket (SOCK_STREAM). Returns EPERM if the socket
/// does not belong to `owner`.
Result<UniqueFd> connect_to_stream(Fd directory, const char* name, uid_t owner);

/// Returns the process at the other end of a connection, and its user (unix(7), SO_PEERCRED). The
/// process that listened counts, not the process that accepted the connection. The pid is 0 if the
/// process is not visible in our pid namespace.
Result<ucred> peer_credentials(Fd connection);

/// Returns the user of the process at the other end of a connection.
Result<uid_t> peer_user(Fd connection);

}  // namespace notifybridge::system
