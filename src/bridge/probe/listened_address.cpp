#include "bridge/probe/listened_address.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include "base/system/datagram.hpp"
#include "base/util/concat.hpp"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71  // Since Linux 5.14.
#endif

namespace notifybridge::probe {
namespace {

template <typename Value>
std::optional<Value> option_of(system::Fd socket, int level, int name) {
    Value value{};
    socklen_t size = sizeof value;
    if (::getsockopt(socket.get(), level, name, &value, &size) < 0)
        return std::nullopt;
    return value;
}

bool is_in_our_network(system::Fd socket) {
    const auto theirs = option_of<std::uint64_t>(socket, SOL_SOCKET, SO_NETNS_COOKIE);
    const auto own = system::open_socket(AF_UNIX, SOCK_DGRAM);
    return theirs && own && theirs == option_of<std::uint64_t>(*own, SOL_SOCKET, SO_NETNS_COOKIE);
}

/// Returns whether both paths lead to the same socket, which exists here.
bool are_same_socket(const std::string& one, const std::string& other) {
    struct stat first;
    struct stat second;
    return ::stat(one.c_str(), &first) == 0 && S_ISSOCK(first.st_mode)
           && ::stat(other.c_str(), &second) == 0 && first.st_dev == second.st_dev
           && first.st_ino == second.st_ino;
}

/// An address in the form that system calls use.
struct Address {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;

    template <typename Form>
    Form as() const {
        Form form;
        std::memcpy(&form, &storage, sizeof form);
        return form;
    }
};

Address copy_of(const system::SocketAddress& address) {
    Address copy;
    copy.size = address.size();
    std::memcpy(&copy.storage, address.data(), copy.size);
    return copy;
}

/// Returns the target of a connection to `address`. A connection to the unspecified address goes to
/// this host.
Address target_of(const system::SocketAddress& address) {
    Address target = copy_of(address);
    auto v4 = target.as<sockaddr_in>();
    auto v6 = target.as<sockaddr_in6>();
    if (address.family() == AF_INET && v4.sin_addr.s_addr == htonl(INADDR_ANY)) {
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        std::memcpy(&target.storage, &v4, sizeof v4);
    } else if (address.family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) {
        v6.sin6_addr = IN6ADDR_LOOPBACK_INIT;
        std::memcpy(&target.storage, &v6, sizeof v6);
    }
    return target;
}

std::string name_of(const Address& address) {
    constexpr std::size_t before = offsetof(sockaddr_un, sun_path);
    const auto un = address.as<sockaddr_un>();
    const std::string_view all(un.sun_path, std::max<std::size_t>(address.size, before) - before);
    // A path may end with a NUL. An abstract name begins with a NUL.
    return std::string(all.starts_with('\0') ? all : all.substr(0, all.find('\0')));
}

bool covers(system::Fd socket, const sockaddr_in6& listened, const Address& target) {
    const in6_addr any = IN6ADDR_ANY_INIT;
    const bool is_any = std::memcmp(&listened.sin6_addr, &any, sizeof any) == 0;
    if (target.storage.ss_family == AF_INET6) {
        const auto wanted = target.as<sockaddr_in6>();
        return wanted.sin6_port == listened.sin6_port
               && (is_any || std::memcmp(&listened.sin6_addr, &wanted.sin6_addr, sizeof any) == 0);
    }
    const auto wanted = target.as<sockaddr_in>();
    if (wanted.sin_port != listened.sin6_port
        || option_of<int>(socket, IPPROTO_IPV6, IPV6_V6ONLY).value_or(1) != 0)
        return false;
    return is_any
           || (IN6_IS_ADDR_V4MAPPED(&listened.sin6_addr)
               && std::memcmp(&listened.sin6_addr.s6_addr[12], &wanted.sin_addr, 4) == 0);
}

bool covers(const sockaddr_in& listened, const Address& target) {
    const auto wanted = target.as<sockaddr_in>();
    return target.storage.ss_family == AF_INET && wanted.sin_port == listened.sin_port
           && (listened.sin_addr.s_addr == INADDR_ANY
               || wanted.sin_addr.s_addr == listened.sin_addr.s_addr);
}

/// Returns the addresses of a target whose sockets a service manager may have.
std::vector<system::SocketAddress> addresses_of(const Target& target) {
    if (const auto* const tcp = std::get_if<TcpTarget>(&target))
        return tcp->addresses;
    if (const auto* const local = std::get_if<UnixTarget>(&target))
        return {local->address};
    if (const auto* const local = std::get_if<ListenLocalTarget>(&target))
        return {local_address(local->name)};
    const auto* const listen = std::get_if<ListenTarget>(&target);
    // The published ports may be those of sockets that the command does not get from the manager.
    if (!listen || listen->is_published || listen->transport != system::Transport::tcp)
        return {};
    std::vector<system::SocketAddress> addresses;
    const std::vector<std::string> any = {"127.0.0.1", "::1"};
    for (const std::string& host : listen->hosts.empty() ? any : listen->hosts)
        addresses.push_back(*system::SocketAddress::internet(host, listen->ports.front()));
    return addresses;
}

}  // namespace

bool takes_connections_to(system::Fd listening, const system::SocketAddress& address) {
    if (option_of<int>(listening, SOL_SOCKET, SO_ACCEPTCONN).value_or(0) == 0)
        return false;
    Address listened;
    if (::getsockname(listening.get(), reinterpret_cast<sockaddr*>(&listened.storage),
                      &listened.size)
        < 0)
        return false;
    const Address target = target_of(address);
    switch (listened.storage.ss_family) {
        case AF_UNIX:
            if (target.storage.ss_family != AF_UNIX)
                return false;
            return address.path().empty()
                       ? name_of(listened) == name_of(target) && is_in_our_network(listening)
                       : are_same_socket(address.path(), name_of(listened));
        case AF_INET:
            return covers(listened.as<sockaddr_in>(), target) && is_in_our_network(listening);
        case AF_INET6:
            return (target.storage.ss_family == AF_INET || target.storage.ss_family == AF_INET6)
                   && covers(listening, listened.as<sockaddr_in6>(), target)
                   && is_in_our_network(listening);
        default:
            return false;
    }
}

void check_not_listened_on(std::string_view option, const Specification& specification,
                           std::span<const system::Fd> sockets) {
    for (const system::SocketAddress& address : addresses_of(specification.target))
        for (const system::Fd socket : sockets)
            if (takes_connections_to(socket, address))
                throw std::runtime_error(util::concat(
                    "--", option, '=', specification.text,
                    ": the service manager itself listens on this address (LISTEN_FDS), so "
                    "connections succeed before the command is ready; give http://... or exec:..., "
                    "or remove the option if the command notifies"));
}

}  // namespace notifybridge::probe
