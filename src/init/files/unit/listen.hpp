#pragma once

#include <string>
#include <string_view>

#include "init/files/unit/settings_socket.hpp"

namespace notifybridge::unit {

/// The forms of an address in ListenStream=, ListenDatagram= and ListenSequentialPacket=
/// (systemd.socket(5)).
enum class AddressKind {
    path,      ///< /run/x.sock
    abstract,  ///< @name
    port,      ///< 80, which means all IPv6 and IPv4 addresses
    ipv4,      ///< 127.0.0.1:80
    ipv6,      ///< [::1]:80, [fe80::1]:80%eth0
    vsock,     ///< vsock:2:1234
    invalid,
};

/// Returns the form of `address`, or `invalid` if systemd would refuse it.
AddressKind address_kind(std::string_view address);

/// Returns the address in the form that systemd prints, for any spelling in the unit.
std::string address_of(const Listen& listen);

/// Returns whether `text` is valid for ListenNetlink=: "FAMILY [GROUP]".
bool is_netlink_address(std::string_view text);

/// Returns the number of the netlink family `name`. Returns a negative number if `name` is not
/// known.
int netlink_family(std::string_view name);

}  // namespace notifybridge::unit
