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
#include "bridge/wait/event.hpp"
#include "bridge/wait/unit_voice.hpp"

namespace notifybridge::wait {

/// Sends a container's messages to the service manager, without the parts that the policy refuses.
class Forwarder {
public:
    /// `lane` transfers file descriptors. `reasons`, which may be nullptr, receives the reason for
    /// each decision. `log` names the container if there are several.
    Forwarder(relay::Policy policy, relay::Uplink& uplink, relay::FdLane& lane,
              relay::Reasons* reasons, const util::NamedLog& log)
        : policy_(std::move(policy)),
          uplink_(uplink),
          lane_(lane),
          reasons_(reasons),
          log_(log),
          drops_(log) {}

    /// Receives the events `Sent`.
    OnEvent on_event;
    /// Finds the process that has this pid in the container. If this function is set, MAINPID is
    /// translated.
    std::function<std::optional<relay::ContainerProcess>(pid_t)> find_process;

    /// Makes `voice` turn the messages of this `member` into messages of the unit from now on.
    void speak_by(UnitVoice& voice, std::size_t member) {
        voice_ = &voice;
        member_ = member;
    }

    /// Makes `send` ignore all messages from now on.
    void mute() { is_muted_ = true; }

    /// Sends a datagram of the container. Returns false if `uplink` gave up the service manager
    /// before it sent the datagram. A message that is refused, or that can never be sent, counts as
    /// sent.
    event::Awaitable<bool> send(const channel::Record& said);

    /// Counts a message that is not sent. `detail` may explain `reason` further.
    void drop(notify::DropReason reason, system::Credentials sender, std::string_view datagram,
              std::string_view detail = {});

    /// Returns a log whose records begin with the container's name.
    const util::NamedLog& log() const { return log_; }

    /// Returns the last STATUS of the container, even if the policy refuses it.
    const std::string& last_status() const { return last_status_; }

    /// Returns when the container's last WATCHDOG=1 was forwarded, in µs on the monotonic clock.
    /// Returns 0 if there was none.
    std::uint64_t last_ping_usec() const { return last_ping_usec_; }

    const notify::DropCounters& drops() const { return drops_.counters(); }

    /// Returns about how many microseconds messages take from the container to the service manager.
    /// Returns 0 if none was sent, or if the two sides have different clocks.
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
    std::uint64_t last_ping_usec_ = 0;
    UnitVoice* voice_ = nullptr;  ///< Combines the messages of the unit's containers; null if there
                                  ///< is only one container.
    std::size_t member_ = 0;
    bool is_muted_ = false;
};

}  // namespace notifybridge::wait
