#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <vector>

#include "base/event/deadline.hpp"
#include "base/event/descriptor.hpp"
#include "base/event/timer.hpp"
#include "base/event/wakeup.hpp"
#include "base/util/log_limit.hpp"
#include "bridge/channel/connections.hpp"
#include "bridge/proxy/connection.hpp"
#include "bridge/proxy/idle_plan.hpp"
#include "bridge/proxy/pipe_pool.hpp"
#include "bridge/proxy/specification.hpp"

namespace notifybridge::proxy {

/// A listening socket of systemd, and the target of its connections.
struct Listening {
    Specification specification;
    system::UniqueFd socket;
};

/// A proxy that accepts clients on the listening sockets of systemd, and connects each client to
/// the app. A connection that is not accepted stays in the kernel's queue. The next start of the
/// unit accepts this connection, because systemd keeps the sockets open.
class Proxy {
public:
    struct Options {
        /// Infinity if the app never counts as idle.
        std::chrono::microseconds idle_timeout = util::infinity;
        /// The maximum number of open connections. The limit of open files also limits them.
        std::optional<std::uint64_t> most_connections;
        /// How long a client may be silent after the app has closed its side. The kernel gives the
        /// peer of a closed socket the same time (tcp(7), tcp_fin_timeout).
        std::chrono::microseconds closing_patience = std::chrono::seconds(60);
    };

    Proxy(event::Loop& loop, std::vector<Listening> sockets, Options options);
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    /// Called once, when the time without a connection has reached the idle timeout. No connection
    /// is accepted after that.
    std::function<void()> on_idle;

    /// Called when `counts` has changed.
    std::function<void()> on_counts;

    /// Begins to accept connections. Must be called when the app is ready. Also raises the limit on
    /// open files to its hard limit.
    void open();

    /// Accepts no more connections. Open connections continue.
    void close();

    /// Returns whether a client is waiting for an answer or receiving one.
    bool is_busy() const;

    const channel::Connections& counts() const { return counts_; }

    /// Waits until `is_busy` returns false, but at most for `patience`.
    event::Awaitable<> settle(std::chrono::microseconds patience);

    /// Delivers the bytes that the app has sent, and ends all connections. Resets connections whose
    /// client does not accept all bytes within `patience`. Must be called after the app has ended.
    event::Awaitable<> finish(std::chrono::microseconds patience);

    /// Ends the waits in `settle` and `finish`.
    void hurry();

private:
    struct Listener {
        Listener(event::Loop& loop, Listening from)
            : specification(std::move(from.specification)),
              target{specification.addresses()},
              waiting(std::move(from.socket)),
              room(loop),
              pause(loop) {}

        Specification specification;
        Target target;
        system::UniqueFd waiting;  ///< The listening socket; `open` moves it into `socket`.
        std::optional<event::Descriptor> socket;
        event::Wakeup room;
        event::Timer pause;
    };

    event::Awaitable<> accept_all(Listener& listener);
    event::Awaitable<> await_next(Listener& listener, int error);
    int accept_one(Listener& listener);
    event::Awaitable<> serve(std::list<Connection>::iterator connection, Listener& listener);
    void changed() const;
    void log_fullness();
    void log_fault(const Listener& listener, std::string_view what, int error);
    void check_idle();

    event::Loop& loop_;
    std::list<Listener> listeners_;
    PipePool pipes_;
    std::list<Connection> connections_;
    channel::Connections counts_;
    Options options_;
    IdlePlan idle_plan_;
    event::Deadline idle_;
    event::Timer settling_;
    event::Deadline finishing_;
    event::Wakeup ended_;
    util::LogLimit log_limit_;
    bool is_open_ = false;
    bool is_hurried_ = false;
    bool said_fullness_ = false;
};

}  // namespace notifybridge::proxy
