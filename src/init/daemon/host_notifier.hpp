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

/// A sender of messages from `init` to the host's service manager. It uses the outlets of `wrap`: a
/// shared directory, a direct socket, or none.
class HostNotifier final : private wrap::OutletListener {
public:
    struct Destination {
        std::optional<std::string> shared_directory;
        std::optional<notify::Address> manager;
        /// The period of the host's watchdog. If there is a shared directory, this period is not
        /// used, because the host sends the period through the directory.
        std::optional<std::chrono::microseconds> watchdog;
    };

    HostNotifier(event::Loop& loop, const Destination& destination);

    /// The function to call with each signal that the host sends through the shared directory.
    std::function<void(int signal)> on_signal;

    /// Starts to forward messages and to ping the host's watchdog, until the loop ends. A ping only
    /// proves that this loop runs.
    void start();

    /// Sends the assignments to the host in one datagram.
    void send(const std::string& assignments);

    /// Delivers the queued messages, and records how `init` ended. Gives up after `patience`.
    event::Awaitable<> finish(process::ExitStatus end, std::chrono::microseconds patience);

private:
    void room_came() override {}
    void signal_came(int signal) override;
    void host_changed() override;
    void ping_in_time();

    event::Loop& loop_;
    event::Deadline next_ping_;
    /// The watchdog's period when the next ping was scheduled.
    std::optional<std::chrono::microseconds> last_ping_period_;
    channel::ContainerStatus status_;
    system::UniqueFd directory_;
    std::unique_ptr<wrap::Outlet> outlet_;  ///< Null if `init` has no receiver.
};

}  // namespace notifybridge::daemon
