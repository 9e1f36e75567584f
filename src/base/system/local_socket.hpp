#pragma once

#include <sys/types.h>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

/// Connections between processes over a name in a directory (AF_UNIX, SOCK_SEQPACKET): packets
/// keep their boundaries, and descriptors may go with them. Neither side blocks.
namespace notifybridge::system {

/// Listens at `name` in `directory`, which was not there before. A path of any length will do.
Result<UniqueFd> listen_at(Fd directory, const char* name, mode_t mode);

/// The next connection; EAGAIN where there is none.
Result<UniqueFd> accept_connection(Fd listener);

/// Connects to what `name` means in `directory` if it is a socket, of that same mount: ELOOP for a
/// link, ENOTSOCK for anything else, which is not touched. Where too many wait to be accepted it
/// `waits` too, or else is EAGAIN; the connection itself never blocks.
Result<UniqueFd> connect_at(Fd directory, const char* name, bool waits = false);

/// The same for a socket that is a stream (SOCK_STREAM), and belongs to `owner`: EPERM if it does
/// not.
Result<UniqueFd> connect_to_stream(Fd directory, const char* name, uid_t owner);

/// The user at the other end of a connection.
Result<uid_t> peer_user(Fd connection);

}  // namespace notifybridge::system
