#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>

#include "init/unit/settings.hpp"

namespace notifybridge::listen {

/// What ListenStream= and its sisters say, as system calls take it (systemd.socket(5)).
struct ListenAddress {
    sockaddr_storage address{};
    socklen_t size = 0;
    int type = 0;      ///< SOCK_STREAM, ...
    int protocol = 0;  ///< IPPROTO_SCTP, or a netlink family.
    std::string path;  ///< Of a socket in the file system; empty of others.

    int family() const { return address.ss_family; }
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&address); }
    bool is_internet() const { return family() == AF_INET || family() == AF_INET6; }
    /// Whether it has connections.
    bool accepts() const { return type == SOCK_STREAM || type == SOCK_SEQPACKET; }
};

/// The address of a socket, netlink included; not of a FIFO or a special file. A port alone is all
/// IPv6 and IPv4 addresses, or the latter where there is no IPv6. Throws std::system_error for an
/// interface that there is not.
ListenAddress to_address(const unit::Listen& listen, unit::SocketProtocol protocol);

/// Whether the address that a socket has is this one.
bool has_address(int fd, const ListenAddress& address);

}  // namespace notifybridge::listen
