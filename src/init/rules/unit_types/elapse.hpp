#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/system/clock.hpp"
#include "init/files/calendar/zones.hpp"
#include "init/files/unit/settings_timer.hpp"

/// Decides when a timer elapses next (systemd.timer(5)). All times are in microseconds. Times of
/// OnCalendar= count from 1970, and all other times are of the monotonic clock.
namespace notifybridge::unit_types {

inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// The state of one rule in the timer's unit file.
struct RuleState {
    /// The most recently computed time at which the rule elapses, or 0 if there is none.
    std::uint64_t next = 0;
    bool is_spent = false;  ///< Whether the rule has elapsed and will not elapse again.
};

struct ElapseFacts {
    system::Moment now;
    std::uint64_t boot = 0;         ///< The moment from which OnBootSec= counts.
    std::uint64_t startup = 0;      ///< When this manager started.
    system::Moment activation;      ///< When the timer was started.
    system::Moment last_trigger;    ///< Zero if the timer never elapsed.
    std::uint64_t unit_active = 0;  ///< When the timer's unit was last started, or 0 if never.
    std::uint64_t unit_inactive = 0;
    bool clock_has_changed = false;
};

struct NextElapse {
    std::optional<std::uint64_t> monotonic;
    std::optional<std::uint64_t> realtime;
    /// Whether a later start or end of the timer's unit makes the timer elapse again.
    bool follows_unit = false;
};

/// Returns when the timer elapses next. `states` has one element for each rule. `zones` has the
/// time zones of OnCalendar=.
NextElapse next_elapse(const std::vector<unit::ElapseRule>& rules, std::vector<RuleState>& states,
                       const ElapseFacts& facts, calendar::Zones& zones);

/// Returns `moment` plus a random delay below `most`. `random` selects the delay.
std::uint64_t delayed(std::uint64_t moment, util::TimeSpan most, std::uint64_t random);

/// Returns the random number for FixedRandomDelay=. The number is always the same for this unit on
/// this machine, and equals that of systemd's system manager. `machine_id` has 16 bytes.
std::uint64_t fixed_random(std::string_view machine_id, std::uint32_t uid, std::string_view unit);

/// Returns the earlier of two times, in microseconds since 1970. `monotonic` is a time of the
/// monotonic clock. A time of 0 or `never` does not count.
std::uint64_t first_elapse(std::uint64_t monotonic, std::uint64_t realtime, system::Moment now);

}  // namespace notifybridge::unit_types
