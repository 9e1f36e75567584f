#include "base/system/socket_address.hpp"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::system {
namespace {

/// Copies `name` to offset `at` of sun_path. Returns the length of the address, which includes
/// `after` bytes behind the name.
socklen_t put_name(sockaddr_storage& storage, std::string_view name, std::size_t at,
                   std::size_t after) {
    if (name.empty() || name.size() > longest_socket_path)
        throw std::length_error(
            util::concat("the path ", util::quote(name), " cannot name a socket: it has ",
                         name.size(), " bytes, and 1 to ", longest_socket_path, " are allowed"));
    auto& address = reinterpret_cast<sockaddr_un&>(storage);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + at, name.data(), name.size());
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + at + name.size() + after);
}

}  // namespace

std::string literal_address(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto* const v6 = static_cast<const in6_addr*>(address);
    if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6))
        ::inet_ntop(AF_INET, &v6->s6_addr[12], text.data(), text.size());
    else
        ::inet_ntop(family, address, text.data(), text.size());
    return text.data();
}

SocketAddress SocketAddress::unix_path(std::string_view path) {
    SocketAddress address;
    address.size_ = put_name(address.storage_, path, 0, 1);
    return address;
}

SocketAddress SocketAddress::unix_abstract(std::string_view name) {
    SocketAddress address;
    address.size_ = put_name(address.storage_, name, 1, 0);
    return address;
}

std::string SocketAddress::path() const {
    const auto& address = reinterpret_cast<const sockaddr_un&>(storage_);
    return family() == AF_UNIX ? address.sun_path : std::string();
}

std::string SocketAddress::host() const {
    if (family() == AF_INET)
        return literal_address(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage_).sin_addr);
    if (family() == AF_INET6)
        return literal_address(AF_INET6,
                               &reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr);
    return {};
}

std::optional<SocketAddress> SocketAddress::internet(const std::string& literal,
                                                     std::uint16_t port) {
    SocketAddress address;
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage_);
    if (::inet_pton(AF_INET, literal.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        address.size_ = sizeof v4;
        return address;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage_);
    if (::inet_pton(AF_INET6, literal.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        address.size_ = sizeof v6;
        return address;
    }
    return std::nullopt;
}

SocketAddress SocketAddress::vsock(std::uint32_t cid, std::uint32_t port) {
    SocketAddress address;
    auto& vm = reinterpret_cast<sockaddr_vm&>(address.storage_);
    vm.svm_family = AF_VSOCK;
    vm.svm_cid = cid;
    vm.svm_port = port;
    address.size_ = sizeof(sockaddr_vm);
    return address;
}

}  // namespace notifybridge::system
