#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "init/files/unit/settings.hpp"

namespace notifybridge::listen {

/// The address of a ListenStream= or similar directive, in the form for system calls
/// (systemd.socket(5)).
struct ListenAddress {
    sockaddr_storage address{};
    socklen_t size = 0;
    int type = 0;      ///< The type, such as SOCK_STREAM.
    int protocol = 0;  ///< The protocol, such as IPPROTO_SCTP, or a netlink family.
    std::string path;  ///< The path of a socket in the file system. Empty for any other socket.

    int family() const { return address.ss_family; }
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&address); }
    bool is_internet() const { return family() == AF_INET || family() == AF_INET6; }
    /// Returns whether the socket accepts connections.
    bool accepts() const { return type == SOCK_STREAM || type == SOCK_SEQPACKET; }
};

/// Returns the address of a socket. `listen` must not be a FIFO or a special file. A port without
/// an address means all IPv6 and IPv4 addresses. Without IPv6 in the kernel, such a port means all
/// IPv4 addresses. Throws std::system_error if an interface does not exist.
ListenAddress to_address(const unit::Listen& listen, unit::SocketProtocol protocol);

/// Returns whether the socket `fd` is bound to `address`.
bool has_address(int fd, const ListenAddress& address);

}  // namespace notifybridge::listen
