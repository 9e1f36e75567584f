#include "base/system/local_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/system/datagram.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"

namespace notifybridge::system {
namespace {

Result<UniqueFd> socket_handle(Fd directory, const char* name) {
    UniqueFd handle = open_handle(directory, name);
    struct stat status;
    if (!handle || ::fstat(handle.get(), &status) < 0)
        return last_error();
    if (!S_ISSOCK(status.st_mode))
        return error_of(S_ISLNK(status.st_mode) ? ELOOP : ENOTSOCK);
    return handle;
}

/// Connects a new socket of type `type` to the socket that `handle` refers to.
Result<UniqueFd> connect_to(Fd handle, int type, bool waits = false) {
    auto connection = open_socket(AF_UNIX, type);
    if (!connection)
        return connection;
    const auto address = SocketAddress::unix_path(proc_path(handle));
    const int flags = waits ? ::fcntl(connection->get(), F_GETFL) : 0;
    if (waits)
        ::fcntl(connection->get(), F_SETFL, flags & ~O_NONBLOCK);
    if (::connect(connection->get(), address.data(), address.size()) < 0)
        return last_error();
    if (waits)
        ::fcntl(connection->get(), F_SETFL, flags);
    return connection;
}

}  // namespace

Result<UniqueFd> listen_at(Fd directory, const char* name, mode_t mode) {
    constexpr int most_waiting = 8;
    auto listener = open_socket(AF_UNIX, SOCK_SEQPACKET);
    if (!listener)
        return listener;
    const auto address = SocketAddress::unix_path(util::concat(proc_path(directory), '/', name));
    if (::bind(listener->get(), address.data(), address.size()) < 0)
        return last_error();
    if (::fchmodat(directory.get(), name, mode, 0) < 0
        || ::listen(listener->get(), most_waiting) < 0) {
        const auto failure = last_error();
        ::unlinkat(directory.get(), name, 0);
        return failure;
    }
    return listener;
}

Result<UniqueFd> accept_connection(Fd listener) {
    UniqueFd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection)
        return last_error();
    return connection;
}

Result<UniqueFd> connect_at(Fd directory, const char* name, bool waits) {
    const auto handle = socket_handle(directory, name);
    if (!handle)
        return handle.error();
    return connect_to(*handle, SOCK_SEQPACKET, waits);
}

Result<UniqueFd> connect_to_datagrams(Fd directory, const char* name) {
    const auto handle = socket_handle(directory, name);
    if (!handle)
        return handle.error();
    return connect_to(*handle, SOCK_DGRAM);
}

Result<UniqueFd> connect_to_stream(Fd directory, const char* name, uid_t owner) {
    const auto handle = socket_handle(directory, name);
    struct stat status;
    if (!handle)
        return handle.error();
    if (::fstat(handle->get(), &status) < 0)
        return last_error();
    if (status.st_uid != owner)
        return error_of(EPERM);
    return connect_to(*handle, SOCK_STREAM);
}

Result<ucred> peer_credentials(Fd connection) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(connection.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return last_error();
    return peer;
}

Result<uid_t> peer_user(Fd connection) {
    const auto peer = peer_credentials(connection);
    if (!peer)
        return peer.error();
    return peer->uid;
}

}  // namespace notifybridge::system
