#include "init/files/unit/listen.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/system/socket_address.hpp"
#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/literal.hpp"
#include "base/util/number.hpp"
#include "base/util/words.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::unit {
namespace {

using util::npos;

struct Family {
    util::Literal name;
    int number;
};

// The families of netlink(7), by their names in systemd.socket(5), ListenNetlink=.
constexpr auto netlink_families = std::to_array<Family>({
    {"route", 0},
    {"firewall", 3},
    {"inet-diag", 4},
    {"nflog", 5},
    {"xfrm", 6},
    {"selinux", 7},
    {"iscsi", 8},
    {"audit", 9},
    {"fib-lookup", 10},
    {"connector", 11},
    {"netfilter", 12},
    {"ip6-fw", 13},
    {"dnrtmsg", 14},
    {"kobject-uevent", 15},
    {"generic", 16},
    {"scsitransport", 18},
    {"ecryptfs", 19},
    {"rdma", 20},
});

/// Returns whether `text` is a number from 1 to 65535 in any base.
bool is_port(std::string_view text) {
    constexpr std::uint64_t most = 65535;
    const bool has_space = !text.empty() && util::white_space.find(text[0]) != npos;
    const auto port = util::parse_lenient_unsigned(text);
    return !has_space && port && *port > 0 && *port <= most;
}

bool is_ip(int family, std::string_view text) {
    unsigned char address[sizeof(in6_addr)];
    return ::inet_pton(family, std::string(text).c_str(), address) == 1;
}

bool is_ipv4(std::string_view text) {
    const std::size_t colon = text.find(':');
    return colon != npos && is_port(text.substr(colon + 1))
           && is_ip(AF_INET, text.substr(0, colon));
}

/// Returns whether `text` is [ADDRESS]:PORT. "%" and an interface's name or number may follow.
bool is_ipv6(std::string_view text) {
    const std::size_t scope = text.rfind('%');
    if (scope != npos) {
        const std::string_view interface = text.substr(scope + 1);
        if (!is_interface_name(interface) && !parse_unsigned(interface))
            return false;
        text = text.substr(0, scope);
    }
    const std::size_t end = text.find("]:");
    return text.starts_with('[') && end != npos && is_port(text.substr(end + 2))
           && is_ip(AF_INET6, text.substr(1, end - 1));
}

/// Returns whether `text` is vsock:[CID]:PORT.
bool is_vsock(std::string_view text) {
    const std::size_t colon = text.find(':', 6);
    if (colon == npos)
        return false;
    const std::string_view cid = text.substr(6, colon - 6);
    return (cid.empty() || util::parse_number<std::uint32_t>(cid))
           && util::parse_number<std::uint32_t>(text.substr(colon + 1));
}

}  // namespace

AddressKind address_kind(std::string_view address) {
    const bool fits = address.size() > 1 && address.size() <= system::longest_socket_path;
    if (address.starts_with('/'))
        return fits ? AddressKind::path : AddressKind::invalid;
    if (address.starts_with('@'))
        return fits ? AddressKind::abstract : AddressKind::invalid;
    if (address.starts_with("vsock:"))
        return is_vsock(address) ? AddressKind::vsock : AddressKind::invalid;
    if (is_port(address))
        return AddressKind::port;
    if (address.starts_with('['))
        return is_ipv6(address) ? AddressKind::ipv6 : AddressKind::invalid;
    return is_ipv4(address) ? AddressKind::ipv4 : AddressKind::invalid;
}

std::string address_of(const Listen& listen) {
    constexpr std::string_view any_vsock = "vsock:4294967295:";
    if (listen.type == ListenType::netlink) {
        util::WordReader words(listen.address, util::plain_words);
        std::string family, group;
        words.next(family);
        words.next(group);
        return util::concat(family, ' ', parse_unsigned(group).value_or(0));
    }
    if (listen.type == ListenType::fifo || listen.type == ListenType::special)
        return listen.address;
    if (address_kind(listen.address) == AddressKind::port)
        return util::concat("[::]:", util::parse_lenient_unsigned(listen.address).value_or(0));
    if (listen.address.starts_with(any_vsock))
        return util::concat("vsock::", listen.address.substr(any_vsock.size()));
    return listen.address;
}

bool is_netlink_address(std::string_view text) {
    util::WordReader words(text, util::plain_words);
    std::string family, group, more;
    if (words.next(family) != util::Extracted::word || netlink_family(family) < 0)
        return false;
    if (words.next(group) == util::Extracted::end)
        return true;
    return parse_unsigned(group) && words.next(more) == util::Extracted::end;
}

int netlink_family(std::string_view name) {
    const auto found = std::ranges::find(netlink_families, name, &Family::name);
    if (found != netlink_families.end())
        return found->number;
    return util::parse_number<int>(name).value_or(-1);
}

}  // namespace notifybridge::unit
