#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/util/log.hpp"
#include "base/util/log_limit.hpp"
#include "bridge/relay/rate_limit.hpp"

namespace notifybridge::guest {

/// A receiver of the messages that a virtual machine sends with sd_notify(3) over vsock. Each
/// message is a datagram, or arrives over a separate connection, whose end marks the message's end.
/// The sender waits until its connection is closed.
///
/// A guest is not trusted. Connections above the rate wait in the kernel. The number of open
/// connections is limited. If the limit is reached and all messages are incomplete, the oldest
/// connection is closed. A sender that follows the protocol ends its message at once, so the oldest
/// connection probably belongs to a faulty sender.
class MessagePort {
public:
    struct Options {
        int socket_type = SOCK_STREAM;
        std::uint64_t rate = 10'000;  ///< Messages per second, after a burst; 0 means no limit.
        std::size_t most_open = 256;
        /// The CID of the only guest whose connections are accepted; nullopt to accept every guest.
        std::optional<std::uint32_t> cid;
    };

    /// A connection. When it is closed, the sender knows that the message was handled.
    class Connection;

    /// A message. `connection` is nullptr for a datagram, and for each message of `catch_up`.
    struct Arrival {
        std::string text;
        std::shared_ptr<Connection> connection;
    };

    MessagePort(event::Loop& loop, system::UniqueFd listening, Options options);
    MessagePort(const MessagePort&) = delete;
    MessagePort& operator=(const MessagePort&) = delete;

    /// Called for each complete message. The callback may keep the connection.
    std::function<void(Arrival)> on_message;
    /// Called for each message with more than notify::longest_datagram bytes.
    std::function<void(std::string_view beginning)> on_too_long;

    /// Receives messages until the loop ends or `catch_up` is called.
    event::Awaitable<> run();

    /// Receives everything that has arrived, and ignores the rate. Call this only when no guest can
    /// send any more. Closes connections at once.
    void catch_up();

private:
    /// The result of reading from a connection.
    enum class Taken { part, message, too_long, nothing };

    event::Awaitable<> accept_all();
    event::Awaitable<> receive_datagrams();
    event::Awaitable<> await_rate();
    event::Awaitable<> await_room();
    bool has_room() const { return *open_ < options_.most_open; }
    bool accept_one();
    bool receive_one();
    bool is_of_guest(const sockaddr_storage& peer);
    void close_oldest();
    void begin_reading(std::shared_ptr<Connection> connection);
    event::Awaitable<> read(std::shared_ptr<Connection> connection);
    void finish(const std::shared_ptr<Connection>& connection, Taken taken);
    void say(util::Severity severity, std::string_view text);

    static Taken take(Connection& connection);

    event::Loop& loop_;
    Options options_;
    event::Descriptor listening_;
    relay::RateLimit limit_;
    event::Timer pause_;
    util::LogLimit said_;
    /// The connections that are being read, beginning with the oldest.
    std::list<std::shared_ptr<Connection>> reading_;
    std::shared_ptr<std::size_t> open_;  ///< The number of open connections.
    bool is_last_ = false;               ///< Whether no guest can send any more.
};

}  // namespace notifybridge::guest
