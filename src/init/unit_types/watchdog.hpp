#pragma once

#include "base/system/clock.hpp"
#include "init/unit_types/alarm.hpp"

namespace notifybridge::unit_types {

/// Knows how long a service may send no ping (WatchdogSec=), and when it sent the last one.
class Watchdog {
public:
    /// Sets the time from the unit for a new start. Zero and infinity disable the watchdog.
    void configure(util::TimeSpan span) {
        span_ = span;
        stop();
    }
    /// Sets the time from WATCHDOG_USEC=.
    void override_span(util::TimeSpan span) { span_ = span; }

    void ping(system::Moment now) {
        stop();
        if (span_ == util::TimeSpan::zero() || span_ == util::infinity)
            return;
        last_ping_ = now;
        alarm_.set(now.monotonic, span_);
    }
    void stop() {
        alarm_.clear();
        last_ping_ = {};
    }

    Alarm& alarm() { return alarm_; }
    const Alarm& alarm() const { return alarm_; }
    util::TimeSpan span() const { return span_; }
    system::Moment last_ping() const { return last_ping_; }

private:
    util::TimeSpan span_ = util::TimeSpan::zero();
    system::Moment last_ping_;
    Alarm alarm_;
};

}  // namespace notifybridge::unit_types
