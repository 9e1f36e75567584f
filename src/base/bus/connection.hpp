#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bus/message_stream.hpp"
#include "base/event/deadline.hpp"
#include "base/event/poller.hpp"
#include "base/process/fd_closer.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::bus {

inline constexpr std::string_view system_socket = "/run/dbus/system_bus_socket";

/// Returns the path of the first address in `addresses` that has a path. Returns `otherwise` if no
/// address has a path. $DBUS_SYSTEM_BUS_ADDRESS has this format (D-Bus Specification, "Server
/// Addresses").
std::string socket_path(std::string_view addresses, std::string_view otherwise);

/// A connection to a message bus. The connection never blocks: it queues bytes that the bus does
/// not accept yet. While the queue is long, the connection reads nothing from the bus, so that
/// clients of the bus cannot make the queue grow. After a message that took long, the connection
/// rests for the same time, so that the calls of clients leave half of the time to other events.
class Connection {
public:
    /// Creates a closed connection. `longest` is the size in bytes of the longest message that is
    /// read in full.
    Connection(event::Poller& poller, process::FdCloser& closer, std::size_t longest);
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Called with each message. The callback may close the connection.
    std::function<void(const MessageStream::Item&)> on_message;
    /// Called after the connection has failed and was closed. The bus may have closed the
    /// connection, sent bytes that are not D-Bus, or read too little of our output.
    std::function<void()> on_end;

    /// Connects to the bus, and sends the authentication without waiting for the answer. Returns
    /// whether the connection succeeded.
    bool open(const std::string& path);
    void close();
    bool is_open() const { return static_cast<bool>(connection_); }

    /// Sends a message and returns its serial. If the connection fails, `on_end` is called later.
    std::uint32_t send(const Message& message);
    /// Calls a method of the bus itself.
    std::uint32_t call_bus(std::string_view member, const std::vector<std::string>& arguments = {});

private:
    bool read();
    bool write();
    void put(const std::string& bytes);
    bool watch(std::uint32_t events);
    std::uint32_t wanted_events() const;
    void become_ready();
    void fail();

    event::Poller& poller_;
    process::FdCloser& closer_;
    system::UniqueFd connection_;
    MessageStream input_;
    std::string output_;         ///< The bytes that the bus has not read yet.
    event::Deadline rest_;       ///< While this runs, no message is read.
    std::uint32_t watched_ = 0;  ///< The events that the poller watches.
    std::uint32_t serial_ = 0;
    /// The number of the current connection. If a callback reconnects, this number changes.
    std::uint32_t connections_ = 0;
};

}  // namespace notifybridge::bus
