#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bus/message_stream.hpp"
#include "base/system/fd.hpp"
#include "init/perform/poller.hpp"

namespace notifybridge::perform {

inline constexpr std::string_view system_bus = "/run/dbus/system_bus_socket";

/// Returns the first path in a bus's addresses, as in $DBUS_SYSTEM_BUS_ADDRESS (D-Bus
/// Specification, "Server Addresses"), or `otherwise` if there is none.
std::string bus_path(std::string_view addresses, std::string_view otherwise);

/// A connection to a message bus. It never blocks: bytes that the bus does not read yet are queued.
/// While the queue is long, nothing is read from the bus, so that its clients cannot make the queue
/// grow.
class BusConnection {
public:
    /// Creates a closed connection. `longest` is the size of the longest message that is kept as a
    /// whole.
    BusConnection(Poller& poller, std::size_t longest) : poller_(poller), input_(longest) {}
    ~BusConnection() { close(); }
    BusConnection(const BusConnection&) = delete;
    BusConnection& operator=(const BusConnection&) = delete;

    /// Called with each message. May close the connection.
    std::function<void(const bus::MessageStream::Item&)> on_message;
    /// Called when the bus has closed the connection, or has sent bytes that are not D-Bus. The
    /// connection is closed by then.
    std::function<void()> on_end;

    /// Connects to the bus and authenticates. Returns whether that succeeded.
    bool open(const std::string& path);
    void close();
    bool is_open() const { return static_cast<bool>(connection_); }

    /// Sends a message and returns its serial. If the connection fails, `on_end` is called later.
    std::uint32_t send(const bus::Message& message);
    /// Calls a method of the bus itself.
    std::uint32_t call_bus(std::string_view member, const std::vector<std::string>& arguments = {});

private:
    bool read();
    bool write();
    void put(const std::string& bytes);
    bool watch(std::uint32_t events);
    void become_ready();

    Poller& poller_;
    system::UniqueFd connection_;
    bus::MessageStream input_;
    std::string output_;         ///< The bytes that the bus has not read yet.
    std::uint32_t watched_ = 0;  ///< The events that the poller watches.
    std::uint32_t serial_ = 0;
    std::uint32_t connections_ =
        0;  ///< The number of this connection, which a callback may replace by another connection.
};

}  // namespace notifybridge::perform
