#pragma once

#include <chrono>
#include <functional>

#include "base/event/timer.hpp"

namespace notifybridge::event {

/// An end of patience that may be put off.
class Deadline {
public:
    explicit Deadline(Loop& loop) : loop_(loop), timer_(loop) {}

    /// Called when the time is over.
    std::function<void()> on_expired;

    /// Begins, in place of the one before; a span of TimeSpan::max() is no deadline.
    void start(std::chrono::microseconds span);

    /// From now on there is at least this long. Nothing where there is no deadline (any more).
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
