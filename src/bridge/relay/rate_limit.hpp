#pragma once

#include <chrono>
#include <cstdint>

namespace notifybridge::relay {

/// Limits messages per second after a burst: a token bucket, stored as the time at which it is full
/// again (the generic cell rate algorithm). Pure: callers pass the time (µs, monotonic clock).
class RateLimit {
public:
    /// A `per_second` of 0 means no limit.
    RateLimit(std::uint64_t per_second, std::uint64_t burst);

    /// Returns how long the next message must wait, or zero. Never less than 10 ms: shorter delays
    /// add up first, because a timer for each would cost more than it saves.
    std::chrono::microseconds delay(std::uint64_t now_usec) const;

    /// Counts messages sent now.
    void take(std::uint64_t now_usec, std::uint64_t count = 1);

private:
    std::uint64_t interval_ns_;
    std::uint64_t burst_ns_;
    std::uint64_t full_at_ns_ = 0;
};

}  // namespace notifybridge::relay
