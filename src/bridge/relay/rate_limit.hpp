#pragma once

#include <chrono>
#include <cstdint>

namespace notifybridge::relay {

/// So many a second, after a burst: what comes faster has to wait. A token bucket, kept as the time
/// at which it would be full again (the generic cell rate algorithm). Pure: it is told the time, in
/// microseconds of a clock that does not go back.
class RateLimit {
public:
    /// `per_second` 0 is no limit.
    RateLimit(std::uint64_t per_second, std::uint64_t burst);

    /// How long the next has to wait; zero where it need not. Under 10 ms is never asked for, as a
    /// timer for each would cost more than what it holds back: such debts are paid together.
    std::chrono::microseconds delay(std::uint64_t now_usec) const;

    /// Counts those that come now.
    void take(std::uint64_t now_usec, std::uint64_t count = 1);

private:
    std::uint64_t interval_ns_;
    std::uint64_t burst_ns_;
    std::uint64_t full_at_ns_ = 0;
};

}  // namespace notifybridge::relay
