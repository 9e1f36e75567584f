#pragma once

#include <sys/socket.h>

#include <cstdint>
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
    static SocketAddress vsock(std::uint32_t cid, std::uint32_t port);

    int family() const { return storage_.ss_family; }
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t size() const { return size_; }

private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

}  // namespace notifybridge::system
