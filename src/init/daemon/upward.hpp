#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/event/deadline.hpp"
#include "base/notify/address.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/wrap/outlet.hpp"

namespace notifybridge::daemon {

/// The messages of `init` to the host's service manager: through a shared directory, straight, or
/// to nobody. Uses the same outlets as `wrap`.
class Upward final : private wrap::OutletListener {
public:
    struct Way {
        std::optional<std::string> shared_directory;
        std::optional<notify::Address> manager;
        /// The period in which the manager wants pings; by a shared directory the host tells it.
        std::optional<std::chrono::microseconds> watchdog;
    };

    Upward(event::Loop& loop, const Way& way);

    /// Called for each signal that the host has for us through the shared directory.
    std::function<void(int signal)> on_signal;

    /// Starts to pass messages on, until the loop ends, and to ping the host's watchdog. A ping
    /// says only that this loop runs.
    void start();

    /// Says this as one datagram.
    void say(const std::string& assignments);

    /// Delivers the queued messages, and records how `init` ended.
    event::Awaitable<> finish(process::ExitStatus end, std::chrono::microseconds patience);

private:
    void room_came() override {}
    void signal_came(int signal) override;
    void host_changed() override;
    void ping_in_time();

    event::Loop& loop_;
    event::Deadline next_ping_;
    std::optional<std::chrono::microseconds> pinged_for_;  ///< The watchdog that it is of.
    channel::ContainerStatus status_;
    system::UniqueFd directory_;
    std::unique_ptr<wrap::Outlet> outlet_;  ///< Null if nobody listens.
};

}  // namespace notifybridge::daemon
