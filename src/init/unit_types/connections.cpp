#include "init/unit_types/connections.hpp"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include "base/util/concat.hpp"

namespace notifybridge::unit_types {
namespace {

using util::concat;

template <typename Address>
Address as(const sockaddr_storage& storage) {
    Address address;
    std::memcpy(&address, &storage, sizeof address);
    return address;
}

std::string text_of(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(family, address, text.data(), text.size());
    return text.data();
}

bool is_mapped(const sockaddr_in6& address) {
    return IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
}

/// The address without its port; an IPv4 address within IPv6 as IPv4 where `unmaps`.
std::string host(const sockaddr_storage& storage, bool unmaps) {
    if (storage.ss_family == AF_INET) {
        const auto address = as<sockaddr_in>(storage);
        return text_of(AF_INET, &address.sin_addr);
    }
    const auto address = as<sockaddr_in6>(storage);
    return unmaps ? text_of(AF_INET, address.sin6_addr.s6_addr + 12)
                  : text_of(AF_INET6, &address.sin6_addr);
}

/// "HOST:PORT", without brackets.
std::string host_and_port(const sockaddr_storage& storage, bool unmaps) {
    // The port is in the same place in both families.
    return concat(host(storage, unmaps), ':', ntohs(as<sockaddr_in>(storage).sin_port));
}

std::string guest_and_port(const sockaddr_storage& storage) {
    const auto address = as<sockaddr_vm>(storage);
    return concat(address.svm_cid, ':', address.svm_port);
}

}  // namespace

Connections::Place Connections::take(const std::string& source) {
    ++counts_->all;
    ++counts_->by_source[source];
    return {counts_.get(), [counts = counts_, source](void*) { release(*counts, source); }};
}

unsigned Connections::count(const std::string& source) const {
    const auto found = counts_->by_source.find(source);
    return found == counts_->by_source.end() ? 0 : found->second;
}

void Connections::release(Counts& counts, const std::string& source) {
    --counts.all;
    const auto found = counts.by_source.find(source);
    if (--found->second == 0)
        counts.by_source.erase(found);
}

std::string instance_name(unsigned number, const Connection& connection) {
    const auto& [local, remote, peer] = connection;
    switch (local.ss_family) {
        case AF_INET:
            return concat(number, '-', host_and_port(local, false), '-',
                          host_and_port(remote, false));
        case AF_INET6: {
            const bool unmaps =
                is_mapped(as<sockaddr_in6>(local)) && is_mapped(as<sockaddr_in6>(remote));
            return concat(number, '-', host_and_port(local, unmaps), '-',
                          host_and_port(remote, unmaps));
        }
        case AF_VSOCK:
            return concat(number, '-', guest_and_port(local), '-', guest_and_port(remote));
        default:
            return peer ? concat(number, '-', peer->pid, '-', peer->uid)
                        : concat(number, "-unknown");
    }
}

std::string peer_text(const Connection& connection) {
    const auto& [local, remote, peer] = connection;
    if (remote.ss_family == AF_INET)
        return host_and_port(remote, false);
    if (remote.ss_family == AF_VSOCK)
        return concat("vsock:", guest_and_port(remote));
    if (remote.ss_family != AF_INET6)
        return peer ? concat("PID ", peer->pid, "/UID ", peer->uid) : std::string();
    const auto address = as<sockaddr_in6>(remote);
    return is_mapped(address) ? host_and_port(remote, true)
                              : concat('[', host(remote, false), "]:", ntohs(address.sin6_port));
}

std::string source_of(const Connection& connection) {
    const sockaddr_storage& remote = connection.remote;
    switch (remote.ss_family) {
        case AF_INET:
        case AF_INET6:
            return host(remote, false);
        case AF_VSOCK:
            return concat("vsock:", as<sockaddr_vm>(remote).svm_cid);
        default:
            return {};
    }
}

}  // namespace notifybridge::unit_types
