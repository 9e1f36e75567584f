#pragma once

#include <map>
#include <memory>
#include <string>

#include "init/rules/unit_types/sockets.hpp"

/// Counts and describes the connections that a socket unit with Accept=yes has handed over to
/// services.
namespace notifybridge::unit_types {

/// A counter of connections, in total and by source. Objects of type Place may outlive the counter.
class Connections {
public:
    /// An object that counts as one connection while it exists.
    using Place = std::shared_ptr<void>;

    Place take(const std::string& source);
    unsigned count() const { return counts_->all; }
    unsigned count(const std::string& source) const;

private:
    struct Counts {
        unsigned all = 0;
        std::map<std::string, unsigned> by_source;
    };
    static void release(Counts& counts, const std::string& source);

    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

/// Returns systemd's instance name for connection number `number`: "3-10.0.0.1:80-10.0.0.2:4711".
/// For a Unix socket, returns "3-PID-UID" or "3-unknown" (systemd.socket(5), Accept=).
std::string instance_name(unsigned number, const Connection& connection);

/// Returns a text for people that names the other end: "10.0.0.2:4711", "[fd00::2]:4711",
/// "vsock:3:4711", or "PID 42/UID 0" for a Unix socket. Returns an empty text if the other end is
/// not known.
std::string peer_text(const Connection& connection);

/// Returns the host of an address: "10.0.0.1", "fd00::1", or "vsock:2". Returns an empty text for
/// other families. If `unmaps` is true, shows an IPv4 address within IPv6 as IPv4.
std::string host_text(const sockaddr_storage& address, bool unmaps = true);

/// Returns the port of an IPv4, IPv6 or VSOCK address. Returns 0 for other families.
unsigned port_of(const sockaddr_storage& address);

/// Returns the key by which MaxConnectionsPerSource= counts connections: the remote IP address, the
/// remote VSOCK CID, or the user of a Unix socket's client. Returns an empty text for a connection
/// that is not counted.
std::string source_of(const Connection& connection);

}  // namespace notifybridge::unit_types
