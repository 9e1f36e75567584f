#pragma once

#include <cstdint>

#include "base/util/time_span.hpp"

namespace notifybridge::manager {

/// Lets something happen so many times in an interval, which begins with the first of them:
/// StartLimitBurst= in StartLimitIntervalSec=, TriggerLimitBurst= of sockets (systemd.unit(5)).
class RateLimit {
public:
    RateLimit(util::TimeSpan interval, unsigned burst) : interval_(interval), burst_(burst) {}

    /// Counts one more at `now` (monotonic, µs). Returns whether it is within the limit.
    bool allows(std::uint64_t now);
    /// Returns when the current interval ends.
    std::uint64_t end() const;
    void reset() { count_ = 0; }
    /// Sets new limits, which also apply to what was counted already.
    void set(util::TimeSpan interval, unsigned burst);

private:
    bool is_over(std::uint64_t now) const;

    util::TimeSpan interval_;
    unsigned burst_;
    std::uint64_t begin_ = 0;
    unsigned count_ = 0;
};

}  // namespace notifybridge::manager
