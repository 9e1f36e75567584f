#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "relay/drop_log.hpp"
#include "relay/fd_lane.hpp"
#include "relay/policy.hpp"
#include "relay/uplink.hpp"

namespace notifybridge::relay {

/// Sends what a container said to the service manager, so far as the policy lets it, and notes what
/// it said of its readiness.
class Forwarder {
public:
    /// `lane` is the way for file descriptors.
    Forwarder(Policy policy, Uplink& uplink, FdLane& lane)
        : policy_(std::move(policy)), uplink_(uplink), lane_(lane) {}

    /// One datagram of a container.
    struct Said {
        std::string_view text;
        system::Credentials sender;
        system::Moment received;  ///< On the container's clocks.
        std::uint64_t sequence = 0;
        std::size_t fds = 0;  ///< How many descriptors came with it.
    };

    std::function<void()> on_ready;  ///< READY=1 was sent.
    std::function<void(std::chrono::microseconds)> on_extend_timeout;

    /// Sends it. False where the manager was given up before that; what is refused counts as done.
    event::Awaitable<bool> send(const Said& said);

    /// Counts a message that goes no further.
    void drop(notify::DropReason reason, system::Credentials sender) {
        drops_.add(reason, sender, system::now());
    }

    const notify::DropCounters& drops() const { return drops_.counters(); }

private:
    event::Awaitable<std::vector<system::UniqueFd>> fetch_fds(const notify::Message& message,
                                                              const Said& said);
    void announce(const notify::Message& message, const std::string& text) const;

    Policy policy_;
    Uplink& uplink_;
    FdLane& lane_;
    DropLog drops_;
};

}  // namespace notifybridge::relay
