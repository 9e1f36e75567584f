#include "init/rules/unit_types/connections.hpp"

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

bool is_mapped(const sockaddr_storage& storage) {
    const auto address = as<sockaddr_in6>(storage);
    return storage.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
}

/// Returns "HOST:PORT", without brackets.
std::string host_and_port(const sockaddr_storage& storage, bool unmaps) {
    return concat(host_text(storage, unmaps), ':', port_of(storage));
}

std::string guest_and_port(const sockaddr_storage& storage) {
    return concat(as<sockaddr_vm>(storage).svm_cid, ':', port_of(storage));
}

}  // namespace

std::string host_text(const sockaddr_storage& storage, bool unmaps) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const auto v4 = as<sockaddr_in>(storage);
    const auto v6 = as<sockaddr_in6>(storage);
    if (storage.ss_family == AF_VSOCK)
        return concat("vsock:", as<sockaddr_vm>(storage).svm_cid);
    if (storage.ss_family == AF_INET)
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    else if (unmaps && is_mapped(storage))
        ::inet_ntop(AF_INET, v6.sin6_addr.s6_addr + 12, text.data(), text.size());
    else if (storage.ss_family == AF_INET6)
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return text.data();
}

unsigned port_of(const sockaddr_storage& storage) {
    if (storage.ss_family == AF_VSOCK)
        return as<sockaddr_vm>(storage).svm_port;
    const bool is_internet = storage.ss_family == AF_INET || storage.ss_family == AF_INET6;
    // The port is at the same offset in both families.
    return is_internet ? ntohs(as<sockaddr_in>(storage).sin_port) : 0;
}

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
        case AF_INET6: {
            const bool unmaps = is_mapped(local) && is_mapped(remote);
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
    if (host_text(remote).empty())
        return peer ? concat("PID ", peer->pid, "/UID ", peer->uid) : std::string();
    return remote.ss_family == AF_INET6 && !is_mapped(remote)
               ? concat('[', host_text(remote), "]:", port_of(remote))
               : host_and_port(remote, true);
}

std::string source_of(const Connection& connection) {
    std::string host = host_text(connection.remote, false);
    return host.empty() && connection.peer ? concat("UID ", connection.peer->uid) : host;
}

}  // namespace notifybridge::unit_types
