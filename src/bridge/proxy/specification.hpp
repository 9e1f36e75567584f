#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/socket_address.hpp"
#include "bridge/probe/specification.hpp"

namespace notifybridge::proxy {

/// An address at which we listen ourselves, without a .socket unit.
struct OwnAddress {
    std::string text;  ///< The text that the user gave: "127.0.0.1:8080", "unix:/run/web.sock".
    system::SocketAddress address;
};

/// A value of --proxy, which connects a listening socket with an address in the container.
struct Specification {
    std::string text;  ///< The text that the user gave, for messages.
    /// The socket's name (FileDescriptorName=). May be empty if systemd passes only one socket. If
    /// `own` is set, this is the name under which the socket is passed on to the container.
    std::string name;
    /// The address of the socket; nullopt if systemd passes the socket.
    std::optional<OwnAddress> own;
    /// The app's address. If neither --ready-when nor a health check is given, this address is also
    /// the readiness probe: the app is ready once it accepts connections.
    probe::Specification target;

    /// Returns the target's addresses, in the order in which they are tried.
    std::span<const system::SocketAddress> addresses() const;
};

/// The error for a text that is not a value of --proxy. what() explains what is wrong and what to
/// do.
using SpecificationError = probe::SpecificationError;

/// Parses "[WHERE=]tcp:HOST:PORT" or "[WHERE=]unix:PATH". WHERE is the name of a socket, or an
/// address: "ADDRESS:PORT" or "unix:PATH". Throws SpecificationError if `text` is invalid.
Specification parse_specification(std::string_view text);

/// Throws SpecificationError if two specifications name the same socket, or if one of several has
/// no name.
void check_names(std::span<const Specification> specifications);

}  // namespace notifybridge::proxy
