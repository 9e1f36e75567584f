#pragma once

#include <chrono>
#include <cstdint>

namespace notifybridge::relay {

/// A limit on the number of messages per second that allows a burst. This class is a token bucket,
/// stored as the time when the bucket is full again (generic cell rate algorithm). Pure: callers
/// pass the time (µs, monotonic clock).
class RateLimit {
public:
    /// A `per_second` of 0 means no limit.
    RateLimit(std::uint64_t per_second, std::uint64_t burst);

    /// Returns how long the next message must wait. Returns zero for a delay of less than 10 ms,
    /// because a timer for each short delay would cost more than it saves. Short delays add up
    /// until they reach 10 ms.
    std::chrono::microseconds delay(std::uint64_t now_usec) const;

    /// Counts `count` messages that are sent now.
    void take(std::uint64_t now_usec, std::uint64_t count = 1);

private:
    std::uint64_t interval_ns_;
    std::uint64_t burst_ns_;
    std::uint64_t full_at_ns_ = 0;
};

}  // namespace notifybridge::relay
