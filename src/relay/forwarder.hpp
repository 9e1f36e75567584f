#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "relay/drop_log.hpp"
#include "relay/policy.hpp"
#include "relay/uplink.hpp"

namespace notifybridge::relay {

/// Sends what a container said to the service manager, so far as the policy lets it, and notes what
/// it said of its readiness.
class Forwarder {
public:
    Forwarder(Policy policy, Uplink& uplink) : policy_(std::move(policy)), uplink_(uplink) {}

    std::function<void()> on_ready;  ///< READY=1 was sent.
    std::function<void(std::chrono::microseconds)> on_extend_timeout;

    /// Sends one datagram that was `received` then, on the container's clocks. False where the
    /// manager was given up before that; what is refused counts as done.
    event::Awaitable<bool> send(std::string_view datagram, system::Credentials sender,
                                system::Moment received);

    /// Counts a message that goes no further.
    void drop(notify::DropReason reason, system::Credentials sender) {
        drops_.add(reason, sender, system::now());
    }

    const notify::DropCounters& drops() const { return drops_.counters(); }

private:
    void announce(const notify::Message& message, const std::string& text) const;

    Policy policy_;
    Uplink& uplink_;
    DropLog drops_;
};

}  // namespace notifybridge::relay
