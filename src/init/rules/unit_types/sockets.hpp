#pragma once

#include <sys/socket.h>

#include <optional>
#include <string_view>
#include <system_error>

#include "base/system/datagram.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::unit_types {

using manager::Unit;

/// The addresses of both ends of a connection, and the client.
struct Connection {
    sockaddr_storage local{};
    sockaddr_storage remote{};
    /// The client of a Unix socket. Not set if the client is outside our pid namespace.
    std::optional<system::Credentials> peer;
};

/// The exception that is thrown if the owner of an opened socket or FIFO cannot be set to
/// SocketUser= or SocketGroup=.
struct OwnerError : std::system_error {
    using system_error::system_error;
};

/// An interface that opens the sockets of socket units. It reports traffic to the unit as an event.
class Sockets {
public:
    virtual ~Sockets() = default;

    /// Creates the sockets of a socket unit. Throws OwnerError if their owner cannot be set, and
    /// std::system_error if anything else fails.
    ///
    /// Returns false if the file system of a path may hang. In this case, calls
    /// `Unit::sockets_opened` when the result is known. Then this function must be called again,
    /// and has this result, unless `close_sockets` was called before.
    virtual bool open_sockets(const Unit& unit) = 0;
    /// Starts or stops waiting for traffic. If a socket cannot be watched, for example a regular
    /// file, watches none of the sockets and throws std::system_error.
    virtual void watch_sockets(const Unit& unit, bool watched) = 0;
    virtual void close_sockets(const Unit& unit) = 0;
    /// Drops waiting data and connections (FlushPending=).
    virtual void flush_sockets(const Unit& unit) = 0;

    /// Accepts a connection from a listener of a socket unit with Accept=yes. The unit must hand
    /// over or refuse the connection at once. Returns nullopt if no connection waits. Throws
    /// std::system_error on failure.
    virtual std::optional<Connection> accept(const Unit& socket, std::size_t listener) = 0;
    virtual void hand_over(const Unit& socket, const Unit& service) = 0;
    virtual void refuse(const Unit& socket) = 0;
};

/// An interface that keeps descriptors for services: descriptor stores, and connections.
class Descriptors {
public:
    virtual ~Descriptors() = default;

    /// Keeps the descriptors of the message that is being handled, as many as
    /// FileDescriptorStoreMax= allows. If `polled` is true, keeps each descriptor until its other
    /// end hangs up.
    virtual void store_fds(const Unit& unit, std::string_view name, bool polled) = 0;
    virtual void remove_fds(const Unit& unit, std::string_view name) = 0;
    virtual void release_fds(const Unit& unit) = 0;

    /// Closes the connection that was handed over to the service.
    virtual void close_connection(const Unit& service) = 0;
};

}  // namespace notifybridge::unit_types
