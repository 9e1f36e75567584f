#pragma once

#include <chrono>
#include <functional>

#include "base/event/timer.hpp"

namespace notifybridge::event {

/// A time limit that can be extended.
class Deadline {
public:
    /// Returns the time (µs, monotonic) of the clock that deadlines use.
    static std::chrono::microseconds now();

    explicit Deadline(Loop& loop) : loop_(loop), timer_(loop) {}

    /// Called when the deadline expires.
    std::function<void()> on_expired;

    /// Starts or restarts the deadline. A span of 100 years or more never expires.
    void start(std::chrono::microseconds span);

    /// Extends a running deadline to at least `span` from now. A span of 100 years or more cancels
    /// the deadline.
    void extend(std::chrono::microseconds span);

    void cancel();

    bool is_running() const { return runs_; }

private:
    using Clock = std::chrono::steady_clock;

    Awaitable<> run();

    Loop& loop_;
    Timer timer_;
    bool runs_ = false;
    bool spawned_ = false;
    Clock::time_point end_;
};

}  // namespace notifybridge::event
