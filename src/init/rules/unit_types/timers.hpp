#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

#include "init/files/calendar/zones.hpp"
#include "init/rules/manager/unit.hpp"

namespace notifybridge::unit_types {

/// The moments, in microseconds, at which to wake a timer. Each may be `never` (elapse.hpp).
struct WakeUp {
    std::uint64_t monotonic;
    std::uint64_t realtime;
    /// How long the wake-up may be delayed, so that several timers share one wake-up.
    util::TimeSpan accuracy;
    /// Whether to notify the timer of changes of the clock and of the time zone.
    bool follows_clock;
};

/// An interface to the clocks, and to the files that record when a timer elapsed. It calls
/// `Timer::elapsed` and similar functions to report events.
class Timers {
public:
    virtual ~Timers() = default;

    /// Returns the monotonic time, in microseconds, from which OnBootSec= counts.
    virtual std::uint64_t boot() const = 0;
    virtual std::uint64_t startup() const = 0;  ///< Returns when this manager started (monotonic).

    virtual calendar::Zones& zones() = 0;  ///< Returns the time zones of OnCalendar=.

    /// Sets the wake-up of the timer. Replaces an earlier wake-up.
    virtual void wake(const manager::Unit& timer, const WakeUp& wake_up) = 0;
    virtual void cancel(const manager::Unit& timer) = 0;

    /// Returns a random number for RandomizedDelaySec=. If FixedRandomDelay= is set, the number is
    /// always the same.
    virtual std::uint64_t random(const manager::Unit& timer) = 0;

    /// Returns the path of the timer's file for Persistent=.
    virtual std::string stamp_path(const manager::Unit& timer) const = 0;
    /// Returns when the timer last elapsed, in microseconds since 1970, according to its file for
    /// Persistent=. Returns nullopt if there is no file.
    virtual std::optional<std::uint64_t> read_stamp(const manager::Unit& timer) = 0;
    virtual std::error_code write_stamp(const manager::Unit& timer, std::uint64_t realtime) = 0;
};

}  // namespace notifybridge::unit_types
