#pragma once

#include <functional>
#include <optional>
#include <span>

#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "base/system/error.hpp"
#include "base/system/socket_address.hpp"
#include "bridge/proxy/activity.hpp"
#include "bridge/proxy/one_way.hpp"

namespace notifybridge::proxy {

/// The app's address in the container.
struct Target {
    /// The addresses, in the order in which they are tried.
    std::span<const system::SocketAddress> addresses;
    /// Whether the app has accepted a connection before.
    bool has_accepted = false;
};

/// A client's connection, and our connection to the app. Each direction ends separately, so
/// half-closed connections work. A reset of one side is passed on to the other side.
class Connection {
public:
    /// `target` and `pool` must outlive this object. If the app has closed its side, and the client
    /// then sends nothing for `closing_patience`, the connection ends.
    Connection(event::Loop& loop, event::Descriptor client, Target& target, PipePool& pool,
               std::chrono::microseconds closing_patience);

    /// Connects to the app. Returns the reason if the app cannot be reached. Returns no error on
    /// success, or if the connection was aborted. This object must exist until the coroutine ends.
    event::Awaitable<boost::system::error_code> connect();

    /// Moves bytes until both directions have ended, or one side is broken. Must be called after
    /// `connect` has returned no error. This object must exist until the coroutine ends.
    event::Awaitable<> run();

    /// Returns whether a stop should wait for this connection: some bytes are not delivered yet, or
    /// the app's answer is not complete (Activity).
    bool is_busy(Activity::Time now) const;

    /// Ends the connection when all bytes from the app are delivered to the client. Must be called
    /// after the app has ended.
    void end_when_delivered();

    /// Breaks the connection. A side that is connected over TCP gets a reset.
    void abort();

private:
    event::Awaitable<boost::system::error_code> try_all();
    event::Awaitable<boost::system::error_code> try_address(system::SocketAddress address);
    event::Awaitable<> move(OneWay& way, event::Descriptor& from, event::Descriptor& to);
    event::Awaitable<> move_back();
    event::Awaitable<> await_client();
    void note(const OneWay& way);
    void end();

    event::Loop& loop_;
    event::Descriptor client_;
    std::optional<event::Descriptor> app_;
    Target& target_;
    std::chrono::microseconds closing_patience_;
    event::Timer pause_;       ///< For attempts to connect, and for `forward_`.
    event::Timer back_pause_;  ///< For `back_`.
    event::Wakeup back_ended_;
    OneWay forward_;
    OneWay back_;
    Activity activity_;
    bool is_over_ = false;        ///< Whether no more bytes are moved.
    bool only_delivers_ = false;  ///< Whether `end_when_delivered` was called.
    bool is_connected_ = false;   ///< Whether the connection to the app is established.
    bool is_moving_forward_ = false;
    bool is_moving_back_ = false;
    bool has_back_ended_ = false;  ///< Whether the coroutine of `back_` has ended.
};

}  // namespace notifybridge::proxy
