#pragma once

#include <chrono>
#include <functional>

#include "base/event/timer.hpp"

namespace notifybridge::event {

/// A time by which something has to have happened, which can be put off.
class Deadline {
public:
    /// The clock that deadlines go by, for those who plan them. It does not go back.
    static std::chrono::microseconds now();

    explicit Deadline(Loop& loop) : loop_(loop), timer_(loop) {}

    /// Called when the time is over.
    std::function<void()> on_expired;

    /// Starts anew. A span of a hundred years or more is no deadline.
    void start(std::chrono::microseconds span);

    /// Puts a running deadline off until at least `span` from now; such a long span ends it.
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
