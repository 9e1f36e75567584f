#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::system {

/// The longest path of an AF_UNIX socket in bytes, without the final NUL (unix(7)).
inline constexpr std::size_t longest_socket_path = 107;

/// Returns the literal form of an in_addr or in6_addr: "127.0.0.1", "::1". An IPv4 address in an
/// IPv6 address ("::ffff:127.0.0.1") becomes the IPv4 address.
std::string literal_address(int family, const void* address);

/// An address in the form that system calls take.
class SocketAddress {
public:
    /// Returns the address of a path of at most `longest_socket_path` bytes.
    static SocketAddress unix_path(std::string_view path);
    /// Returns the address of an abstract name, given without its leading NUL. No NUL is appended,
    /// because the length of the address shows where the name ends.
    static SocketAddress unix_abstract(std::string_view name);
    /// Returns the address of a literal IPv4 or IPv6 address (without brackets). Returns nullopt if
    /// `literal` is not such an address.
    static std::optional<SocketAddress> internet(const std::string& literal, std::uint16_t port);
    static SocketAddress vsock(std::uint32_t cid, std::uint32_t port);

    int family() const { return storage_.ss_family; }
    const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
    socklen_t size() const { return size_; }
    /// Returns the path of a socket in the file system. Returns an empty text for other sockets.
    std::string path() const;
    /// Returns the literal address of an internet socket: "127.0.0.1", "::1". Returns an empty text
    /// for other sockets.
    std::string host() const;

private:
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

}  // namespace notifybridge::system
