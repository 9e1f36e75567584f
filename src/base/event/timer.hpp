#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

#include "base/event/loop.hpp"

namespace notifybridge::event {

/// The time to wait for descriptors, memory or room before a retry.
inline constexpr std::chrono::milliseconds retry_interval(100);

/// The longest span of a timer. Adding a longer span to the clock's time could overflow.
inline constexpr std::chrono::hours longest_span(24 * 365 * 100);

class Timer {
public:
    explicit Timer(Loop& loop) : timer_(loop.context()) {}

    /// Waits for `span`. Returns false if `cancel` was called first.
    Awaitable<bool> sleep(std::chrono::microseconds span);

    void cancel() { timer_.cancel(); }

private:
    using Clock = std::chrono::steady_clock;
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor> timer_;
};

}  // namespace notifybridge::event
