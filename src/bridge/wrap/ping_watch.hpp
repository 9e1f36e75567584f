#pragma once

#include <functional>

#include "base/event/deadline.hpp"
#include "bridge/channel/container_status.hpp"

namespace notifybridge::wrap {

/// Warns once if the service manager has a watchdog and the app does not ping it. The warning comes
/// when half of the watchdog's time has passed since the app was ready. Before the watchdog acts,
/// there is no other sign.
class PingWatch {
public:
    /// `status` contains the state after all earlier messages.
    PingWatch(event::Loop& loop, const channel::ContainerStatus& status);

    /// Returns the time after which the service manager's watchdog acts, if there is a watchdog.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;

    /// Starts the watchdog's time. Call this when the command is ready.
    void begin();
    /// Checks whether `watchdog` returns something new.
    void watchdog_changed();
    void stop();

private:
    std::optional<std::chrono::microseconds> period() const;
    void look_later();
    void look();

    const channel::ContainerStatus& status_;
    event::Deadline deadline_;
    /// The period of the watchdog. The deadline is half of it.
    std::chrono::microseconds awaited_{};
    bool has_begun_ = false;
    bool is_over_ = false;
};

}  // namespace notifybridge::wrap
