#pragma once

#include <sys/socket.h>

#include <optional>
#include <string_view>
#include <system_error>

#include "base/system/datagram.hpp"
#include "init/manager/unit.hpp"

namespace notifybridge::unit_types {

using manager::Unit;

/// The two ends of a connection.
struct Connection {
    sockaddr_storage local{};
    sockaddr_storage remote{};
    /// The client of a Unix socket; nothing for one outside of our pid namespace.
    std::optional<system::Credentials> peer;
};

/// A socket or FIFO that was opened cannot be given to SocketUser= or SocketGroup=.
struct OwnerError : std::system_error {
    using system_error::system_error;
};

/// The sockets of socket units. Traffic comes to the unit as an event.
class Sockets {
public:
    virtual ~Sockets() = default;

    /// Creates a socket unit's sockets. Throws std::system_error, or OwnerError, which is derived
    /// from it.
    virtual void open_sockets(const Unit& unit) = 0;
    /// Listens for traffic, or stops listening. Throws std::system_error if that is impossible, as
    /// for a regular file; then it listens to none.
    virtual void watch_sockets(const Unit& unit, bool watched) = 0;
    virtual void close_sockets(const Unit& unit) = 0;
    /// Drops waiting data and connections (FlushPending=).
    virtual void flush_sockets(const Unit& unit) = 0;

    /// Takes a connection from a listener of a socket unit (Accept=yes), to be handed over or
    /// refused at once. Returns nullopt if no connection is waiting. Throws std::system_error.
    virtual std::optional<Connection> accept(const Unit& socket, std::size_t listener) = 0;
    virtual void hand_over(const Unit& socket, const Unit& service) = 0;
    virtual void refuse(const Unit& socket) = 0;
};

/// The descriptors that we hold for a service: those in its store, and its connection.
class Descriptors {
public:
    virtual ~Descriptors() = default;

    /// Keeps the descriptors that came with the message that is being handled, for as many as
    /// FileDescriptorStoreMax= has room; `polled`: until they hang up.
    virtual void store_fds(const Unit& unit, std::string_view name, bool polled) = 0;
    virtual void remove_fds(const Unit& unit, std::string_view name) = 0;
    virtual void release_fds(const Unit& unit) = 0;

    /// Closes the connection that a service was handed.
    virtual void close_connection(const Unit& service) = 0;
};

}  // namespace notifybridge::unit_types
