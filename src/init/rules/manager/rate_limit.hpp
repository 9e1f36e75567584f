#pragma once

#include <cstdint>

#include "base/util/time_span.hpp"

namespace notifybridge::manager {

/// A limit on the number of events in an interval. An interval begins with its first event.
/// Examples are StartLimitBurst= in StartLimitIntervalSec= (systemd.unit(5)), and
/// TriggerLimitBurst= (systemd.socket(5)).
class RateLimit {
public:
    RateLimit(util::TimeSpan interval, unsigned burst) : interval_(interval), burst_(burst) {}

    /// Counts an event at `now` (monotonic, µs). Returns whether the event is within the limit.
    bool allows(std::uint64_t now);
    /// Returns the end of the current interval.
    std::uint64_t end() const;
    void reset() { count_ = 0; }
    /// Sets new limits. The new limits also apply to events that were counted before.
    void set(util::TimeSpan interval, unsigned burst);

private:
    bool is_over(std::uint64_t now) const;

    util::TimeSpan interval_;
    unsigned burst_;
    std::uint64_t begin_ = 0;
    unsigned count_ = 0;
};

}  // namespace notifybridge::manager
