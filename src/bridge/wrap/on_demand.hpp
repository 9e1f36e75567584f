#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/event/loop.hpp"
#include "base/process/environment.hpp"
#include "base/process/supervisor.hpp"
#include "base/util/time_span.hpp"
#include "bridge/proxy/proxy.hpp"
#include "bridge/proxy/specification.hpp"
#include "bridge/relay/fd_lane.hpp"
#include "bridge/wrap/event.hpp"

namespace notifybridge::wrap {

/// Serves the sockets of --proxy for a command that does not use them itself. Begins when the
/// command is ready, and ends with the command. If a signal asks the command to stop, closes the
/// sockets first. Passes the signal on when the clients have their answers, or shortly before
/// `stop_timeout` is over.
class OnDemand {
public:
    struct Options {
        std::vector<proxy::Specification> proxies;  ///< The values of --proxy. If there are none,
                                                    ///< no OnDemand is needed.
        proxy::Proxy::Options proxy;
        std::chrono::microseconds stop_timeout = std::chrono::seconds(10);
    };

    /// Emits IdleTimedOut, StopDelayed and ConnectionsChanged to `events`.
    OnDemand(event::Loop& loop, process::Supervisor& supervisor, const Options& options,
             EventSink& events);

    /// Returns the counts of connections. Call this after `take_sockets`.
    channel::Connections counts() const { return proxy_->counts(); }

    /// Opens the sockets of --proxy that have their own addresses. Takes the others out of the
    /// descriptors that systemd passed. These are `passed`, or the descriptors that this process
    /// inherited if `passed` is empty. Afterwards, `passed` contains the descriptors that --proxy
    /// does not use, and `environment` describes no descriptors. Throws proxy::SocketError if a
    /// socket is missing or cannot be used.
    void take_sockets(relay::NamedFds& passed, process::Environment& environment);

    /// Call these functions when the command is ready, when a signal asks it to stop, when it has
    /// ended, and when no time is left to wait for connections.
    void command_is_ready();
    void stop_comes();
    void command_ended();
    void hurry();

    /// Passes the command's last bytes on to its clients for at most `patience`, and ends the
    /// connections. During a stop, the clients get less time if they have used it before.
    event::Awaitable<> finish(std::chrono::microseconds patience);

private:
    std::chrono::microseconds reserve() const;
    std::chrono::microseconds settling_patience() const;
    std::chrono::microseconds delivery_patience() const;
    event::Awaitable<> settle();

    event::Loop& loop_;
    process::Supervisor& supervisor_;
    const Options& options_;
    EventSink& events_;
    std::optional<proxy::Proxy> proxy_;
    bool was_told_to_stop_ = false;
    /// When a signal asked for the stop.
    std::optional<std::chrono::microseconds> stop_began_;
    /// How long the stop waited for connections before the command got its signal.
    std::optional<std::chrono::microseconds> settled_after_;
};

}  // namespace notifybridge::wrap
