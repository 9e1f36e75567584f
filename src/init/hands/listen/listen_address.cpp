#include "init/hands/listen/listen_address.hpp"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/number.hpp"
#include "base/util/words.hpp"
#include "init/files/unit/listen.hpp"

namespace notifybridge::listen {
namespace {

template <typename Address>
Address& as(ListenAddress& address, sa_family_t family) {
    address.address.ss_family = family;
    address.size = sizeof(Address);
    return reinterpret_cast<Address&>(address.address);
}

in_port_t to_port(std::string_view text) {
    return htons(static_cast<in_port_t>(util::parse_lenient_unsigned(text).value_or(0)));
}

void set_unix(std::string_view text, ListenAddress& address) {
    auto& name = as<sockaddr_un>(address, AF_UNIX);
    const bool is_abstract = text.starts_with('@');
    std::memcpy(name.sun_path, text.data(), text.size());
    if (is_abstract)
        name.sun_path[0] = '\0';
    else
        address.path = text;
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size()
                                          + (is_abstract ? 0 : 1));
}

bool has_ipv6() {
    return ::access("/proc/net/if_inet6", F_OK) == 0;
}

void set_port(std::string_view text, ListenAddress& address) {
    if (has_ipv6())
        as<sockaddr_in6>(address, AF_INET6).sin6_port = to_port(text);
    else
        as<sockaddr_in>(address, AF_INET).sin_port = to_port(text);
}

void set_ipv4(std::string_view text, ListenAddress& address) {
    auto& ip = as<sockaddr_in>(address, AF_INET);
    const std::size_t colon = text.find(':');
    ::inet_pton(AF_INET, std::string(text.substr(0, colon)).c_str(), &ip.sin_addr);
    ip.sin_port = to_port(text.substr(colon + 1));
}

unsigned interface_index(std::string_view name) {
    const std::string text(name);
    const unsigned index = ::if_nametoindex(text.c_str());
    if (index > 0)
        return index;
    const auto number = util::parse_number<unsigned>(name);
    if (!number)
        system::throw_errno("interface", name);
    return *number;
}

void set_ipv6(std::string_view text, ListenAddress& address) {
    auto& ip = as<sockaddr_in6>(address, AF_INET6);
    if (const std::size_t scope = text.rfind('%'); scope != text.npos) {
        ip.sin6_scope_id = interface_index(text.substr(scope + 1));
        text = text.substr(0, scope);
    }
    const std::size_t end = text.find("]:");
    ::inet_pton(AF_INET6, std::string(text.substr(1, end - 1)).c_str(), &ip.sin6_addr);
    ip.sin6_port = to_port(text.substr(end + 2));
}

void set_vsock(std::string_view text, ListenAddress& address) {
    auto& vm = as<sockaddr_vm>(address, AF_VSOCK);
    text.remove_prefix(text.find(':') + 1);
    const std::size_t colon = text.find(':');
    vm.svm_cid = util::parse_number<unsigned>(text.substr(0, colon)).value_or(VMADDR_CID_ANY);
    vm.svm_port = util::parse_number<unsigned>(text.substr(colon + 1)).value_or(0);
}

void set_netlink(std::string_view text, ListenAddress& address) {
    auto& netlink = as<sockaddr_nl>(address, AF_NETLINK);
    util::WordReader words(text, util::plain_words);
    std::string family, group;
    words.next(family);
    if (words.next(group) == util::Extracted::word)
        netlink.nl_groups = static_cast<__u32>(util::parse_lenient_unsigned(group).value_or(0));
    address.type = SOCK_RAW;
    address.protocol = unit::netlink_family(family);
}

int socket_type(unit::ListenType type) {
    switch (type) {
        case unit::ListenType::datagram:
            return SOCK_DGRAM;
        case unit::ListenType::sequential_packet:
            return SOCK_SEQPACKET;
        default:
            return SOCK_STREAM;
    }
}

/// Returns the number of the protocol in SocketProtocol=. Returns 0 if the protocol does not fit
/// the socket type, because a socket unit may listen for both streams and datagrams.
int protocol_number(unit::SocketProtocol protocol, int type) {
    if (protocol == unit::SocketProtocol::udplite && type == SOCK_DGRAM)
        return IPPROTO_UDPLITE;
    if (protocol == unit::SocketProtocol::sctp && type != SOCK_DGRAM)
        return IPPROTO_SCTP;
    return 0;
}

int option(int fd, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -1 : value;
}

}  // namespace

ListenAddress to_address(const unit::Listen& listen, unit::SocketProtocol protocol) {
    ListenAddress address;
    const std::string_view text = listen.address;
    if (listen.type == unit::ListenType::netlink) {
        set_netlink(text, address);
        return address;
    }
    address.type = socket_type(listen.type);
    switch (unit::address_kind(text)) {
        case unit::AddressKind::path:
        case unit::AddressKind::abstract:
            set_unix(text, address);
            break;
        case unit::AddressKind::port:
            set_port(text, address);
            break;
        case unit::AddressKind::ipv4:
            set_ipv4(text, address);
            break;
        case unit::AddressKind::ipv6:
            set_ipv6(text, address);
            break;
        case unit::AddressKind::vsock:
            set_vsock(text, address);
            break;
        case unit::AddressKind::invalid:
            system::throw_error(EINVAL, "listen on", text);
    }
    if (address.is_internet())
        address.protocol = protocol_number(protocol, address.type);
    return address;
}

bool has_address(int fd, const ListenAddress& wanted) {
    if (option(fd, SO_DOMAIN) != wanted.family() || option(fd, SO_TYPE) != wanted.type
        || (wanted.protocol != 0 && option(fd, SO_PROTOCOL) != wanted.protocol)
        || (wanted.accepts() && option(fd, SO_ACCEPTCONN) != 1))
        return false;
    ListenAddress own;
    own.size = sizeof own.address;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&own.address), &own.size) < 0)
        return false;
    if (own.family() == AF_NETLINK)
        return reinterpret_cast<const sockaddr_nl&>(own.address).nl_groups
               == reinterpret_cast<const sockaddr_nl&>(wanted.address).nl_groups;
    if (own.family() == AF_UNIX && !wanted.path.empty())
        return wanted.path == reinterpret_cast<const sockaddr_un&>(own.address).sun_path;
    return own.size == wanted.size && std::memcmp(&own.address, &wanted.address, own.size) == 0;
}

}  // namespace notifybridge::listen
