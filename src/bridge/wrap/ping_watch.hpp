#pragma once

#include <functional>

#include "base/event/deadline.hpp"
#include "bridge/channel/container_status.hpp"

namespace notifybridge::wrap {

/// Warns once if the service manager has a watchdog and the app, half of its time after it was
/// ready, has never pinged it: until the time is over, there is no other sign.
class PingWatch {
public:
    /// `status` is what was said so far.
    PingWatch(event::Loop& loop, const channel::ContainerStatus& status);

    /// Returns how long the service manager's watchdog waits, if there is one.
    std::function<std::optional<std::chrono::microseconds>()> watchdog;

    /// Begins the watchdog's time, because the command is ready.
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
    std::chrono::microseconds awaited_{};  ///< The period; the deadline is half of it.
    bool has_begun_ = false;
    bool is_over_ = false;
};

}  // namespace notifybridge::wrap
