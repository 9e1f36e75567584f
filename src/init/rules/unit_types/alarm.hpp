#pragma once

#include <algorithm>
#include <cstdint>

#include "base/util/time_span.hpp"

namespace notifybridge::unit_types {

/// A moment of the monotonic clock, in microseconds, at which an action is due. 0 means that no
/// action is due.
class Alarm {
public:
    /// Sets the moment to `span` after `from`. If `span` is infinite, the alarm is never due.
    void set(std::uint64_t from, util::TimeSpan span) {
        moment_ = after(from, span);
        is_extended_ = false;
    }
    void clear() { *this = Alarm(); }

    /// Postpones a set alarm to at least `span` after `now`. `span` must be finite.
    void extend(std::uint64_t now, util::TimeSpan span) {
        if (moment_ == 0)
            return;
        moment_ = std::max(moment_, after(now, span));
        is_extended_ = true;
    }
    bool is_extended() const { return is_extended_; }

    bool is_due(std::uint64_t now) const { return moment_ != 0 && now >= moment_; }
    std::uint64_t moment() const { return moment_; }

    /// Returns the earlier of two moments. A moment of 0 does not count.
    static std::uint64_t earlier(std::uint64_t one, std::uint64_t other) {
        return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
    }

private:
    static std::uint64_t after(std::uint64_t from, util::TimeSpan span) {
        if (span == util::infinity)
            return 0;
        const std::uint64_t moment = from + static_cast<std::uint64_t>(span.count());
        // A moment of 0 would mean that no action is due. The upper limit is the latest moment that
        // fits into 63 bits. The clock never reaches it.
        return std::clamp<std::uint64_t>(moment, 1, (std::uint64_t(1) << 63) - 1);
    }

    std::uint64_t moment_ : 63 = 0;
    bool is_extended_ : 1 = false;
};

}  // namespace notifybridge::unit_types
