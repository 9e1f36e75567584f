#pragma once

#include "base/event/deadline.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/wrap/outlet.hpp"

namespace notifybridge::wrap {

/// Warns once if the service manager has a watchdog and the app does not ping it. Logs the warning
/// when half of the watchdog's time has passed since the app was ready. So the user can read about
/// the fault before the watchdog acts.
class PingWatch {
public:
    /// `status` always contains the state after the messages so far.
    PingWatch(event::Loop& loop, const channel::ContainerStatus& status,
              const WatchdogSource& unit);

    /// Starts to wait for the first ping. Call this when the command is ready.
    void begin();
    /// Call this when the unit's watchdog may have changed.
    void watchdog_changed();
    void stop();

    /// Returns the period that the app has requested for the watchdog. If there is none, returns
    /// that of the unit.
    std::optional<std::chrono::microseconds> period() const;

private:
    void look_later();
    void look();

    const channel::ContainerStatus& status_;
    const WatchdogSource& unit_;
    event::Deadline deadline_;
    /// The period of the watchdog. The deadline is at half of this period.
    std::chrono::microseconds awaited_{};
    bool has_begun_ = false;
    bool is_over_ = false;
};

}  // namespace notifybridge::wrap
