#pragma once

#include <chrono>
#include <functional>

#include "event/timer.hpp"

namespace notifybridge::relay {

/// How long a container may take to be ready, as TimeoutStartSec= is for systemd.
class ReadyDeadline {
public:
    explicit ReadyDeadline(event::Loop& loop) : loop_(loop), timer_(loop) {}

    /// Called when the time is over.
    std::function<void()> on_expired;

    /// Begins; util::infinity is no deadline.
    void start(std::chrono::microseconds span);

    /// EXTEND_TIMEOUT_USEC: from now on there is at least this long. Nothing where there is no
    /// deadline (any more).
    void extend(std::chrono::microseconds span);

    /// It is ready: no deadline any more.
    void cancel();

private:
    using Clock = std::chrono::steady_clock;

    event::Loop& loop_;
    event::Timer timer_;
    bool runs_ = false;
    Clock::time_point end_;
};

}  // namespace notifybridge::relay
