#pragma once

#include "base/system/clock.hpp"
#include "init/rules/unit_types/alarm.hpp"

namespace notifybridge::unit_types {

/// The watchdog period of a service (WatchdogSec=), and the time of its last ping.
class Watchdog {
public:
    /// Sets the period from the unit's files for a new start. Zero and infinity disable the
    /// watchdog.
    void configure(util::TimeSpan span) {
        span_ = span;
        stop();
    }
    /// Replaces the period by the value of WATCHDOG_USEC=.
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
