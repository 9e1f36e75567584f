#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::system {

/// The longest path of an AF_UNIX socket, without its NUL (unix(7)).
inline constexpr std::size_t longest_socket_path = 107;

/// An address in the form that system calls take.
class SocketAddress {
public:
    /// A path of at most `longest_socket_path` bytes.
    static SocketAddress unix_path(std::string_view path);
    /// An abstract name without its leading NUL; no NUL is added, as the length counts.
    static SocketAddress unix_abstract(std::string_view name);
    /// A literal IPv4 or IPv6 address, the latter without brackets; nothing where it is none.
    static std::optional<SocketAddress> internet(const std::string& literal, std::uint16_t port);
    static SocketAddress vsock(std::uint32_t cid, std::uint32_t port);

    int family() const { return storage_.ss_family; }
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t size() const { return size_; }
    /// Of a socket in the file system; else empty.
    std::string path() const;

private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

}  // namespace notifybridge::system
