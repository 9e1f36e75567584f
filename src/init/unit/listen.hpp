#pragma once

#include <string>
#include <string_view>

#include "init/unit/settings_socket.hpp"

namespace notifybridge::unit {

/// The forms that the address of a ListenStream=, ListenDatagram= or ListenSequentialPacket= has
/// (systemd.socket(5)).
enum class AddressKind {
    path,      ///< /run/x.sock
    abstract,  ///< @name
    port,      ///< 80: of all IPv6 and IPv4 addresses
    ipv4,      ///< 127.0.0.1:80
    ipv6,      ///< [::1]:80, [fe80::1]:80%eth0
    vsock,     ///< vsock:2:1234
    invalid,
};

/// The form of `address`; `invalid` where systemd would not take it.
AddressKind address_kind(std::string_view address);

/// The address as systemd prints it, whatever its spelling in the unit.
std::string address_of(const Listen& listen);

/// Whether `text` is "FAMILY [GROUP]", as ListenNetlink= has it.
bool is_netlink_address(std::string_view text);

/// The number of a netlink family from its name; negative where it has none.
int netlink_family(std::string_view name);

}  // namespace notifybridge::unit
