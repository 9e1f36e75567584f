#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/channel/record.hpp"
#include "bridge/relay/decision.hpp"
#include "bridge/relay/drop_log.hpp"
#include "bridge/relay/fd_lane.hpp"
#include "bridge/relay/latency.hpp"
#include "bridge/relay/uplink.hpp"

namespace notifybridge::wait {

/// Sends what a container said to the service manager, so far as the policy lets it, and notes what
/// it said of its readiness.
class Forwarder {
public:
    /// `lane` is the way for file descriptors. `reasons`, which may be none, is told why messages
    /// go on as they do; `log` names the container where it is one of several.
    Forwarder(relay::Policy policy, relay::Uplink& uplink, relay::FdLane& lane,
              relay::Reasons* reasons, const util::NamedLog& log)
        : policy_(std::move(policy)),
          uplink_(uplink),
          lane_(lane),
          reasons_(reasons),
          log_(log),
          drops_(log) {}

    /// Sent to the service manager, so that what it says holds there.
    std::function<void(const relay::Decision&)> on_sent;
    /// Where the container is one of several, makes what it says what the unit says by it.
    std::function<void(relay::Decision&)> as_unit;
    /// Finds the process that the container calls so. Where it is set, MAINPID is translated.
    std::function<std::optional<relay::ContainerProcess>(pid_t)> find_process;

    /// Sends a datagram of the container's. False where the manager was given up before that; what
    /// is refused, or can never be sent, counts as done.
    event::Awaitable<bool> send(const channel::Record& said);

    /// Counts a message that goes no further. `detail` says more of the reason, where there is
    /// more.
    void drop(notify::DropReason reason, system::Credentials sender, std::string_view datagram,
              std::string_view detail = {});

    /// Of the container.
    const util::NamedLog& log() const { return log_; }

    /// The last STATUS of the container, whether or not the policy lets it through.
    const std::string& last_status() const { return last_status_; }

    const notify::DropCounters& drops() const { return drops_.counters(); }

    /// How long messages take from the container's side to the service manager, about; 0 where
    /// none was sent, or the two sides have different clocks.
    std::uint64_t latency_usec() const { return latency_.usec(); }

private:
    event::Awaitable<std::optional<std::vector<system::UniqueFd>>> fetch_fds(
        const channel::Record& said);
    void announce(const relay::Decision& decision) const;

    relay::Policy policy_;
    relay::Uplink& uplink_;
    relay::FdLane& lane_;
    relay::Reasons* reasons_;
    util::NamedLog log_;
    relay::DropLog drops_;
    relay::Latency latency_;
    std::string last_status_;
};

}  // namespace notifybridge::wait
