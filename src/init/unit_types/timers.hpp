#pragma once

#include <cstdint>
#include <optional>
#include <system_error>

#include "init/manager/unit.hpp"

namespace notifybridge::unit_types {

/// When a timer is to be woken. A moment may be `never` (elapse.hpp).
struct WakeUp {
    std::uint64_t monotonic;
    std::uint64_t realtime;
    util::TimeSpan accuracy;  ///< How much later it may be, so that several timers share a wake-up.
    bool follows_clock;       ///< It has to be told of changes of the clock and of the time zone.
};

/// The clocks, and the files that remember when a timer elapsed. Timers receive `Timer::elapsed`
/// and similar events.
class Timers {
public:
    virtual ~Timers() = default;

    virtual std::uint64_t boot() const = 0;     ///< Monotonic: what OnBootSec= counts from.
    virtual std::uint64_t startup() const = 0;  ///< Monotonic: when this manager started.

    /// Replaces the wake-up that the timer had.
    virtual void wake(const manager::Unit& timer, const WakeUp& wake_up) = 0;
    virtual void cancel(const manager::Unit& timer) = 0;

    /// Returns a random number, for RandomizedDelaySec=; with FixedRandomDelay=, always the same.
    virtual std::uint64_t random(const manager::Unit& timer) = 0;

    /// Returns when the timer elapsed, as its file says (Persistent=), since 1970. Returns nullopt
    /// if there is no file.
    virtual std::optional<std::uint64_t> read_stamp(const manager::Unit& timer) = 0;
    virtual std::error_code write_stamp(const manager::Unit& timer, std::uint64_t realtime) = 0;
};

}  // namespace notifybridge::unit_types
