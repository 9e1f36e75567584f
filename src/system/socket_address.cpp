#include "system/socket_address.hpp"

#include <linux/vm_sockets.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>

namespace notifybridge::system {
namespace {

/// `at` is where the name begins in sun_path, `after` the bytes that count behind it.
socklen_t put_name(sockaddr_storage& storage, std::string_view name, std::size_t at,
                   std::size_t after) {
    if (name.empty() || name.size() > longest_socket_path)
        throw std::length_error("socket address");
    auto& address = reinterpret_cast<sockaddr_un&>(storage);
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + at, name.data(), name.size());
    return static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + at + name.size() + after);
}

}  // namespace

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
