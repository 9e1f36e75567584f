#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/system/clock.hpp"
#include "init/unit/settings_timer.hpp"

/// Decides when a timer elapses next (systemd.timer(5)). All times are in microseconds: those of
/// OnCalendar= since 1970, and all others of the monotonic clock.
namespace notifybridge::unit_types {

inline constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

/// What a rule of the timer's file has come to.
struct RuleState {
    std::uint64_t next = 0;  ///< The last time that was found for it; 0 if there was none.
    bool is_spent = false;   ///< It elapses only once, and has.
};

struct ElapseFacts {
    system::Moment now;
    std::uint64_t boot = 0;         ///< What OnBootSec= counts from.
    std::uint64_t startup = 0;      ///< When this manager started.
    system::Moment activation;      ///< When the timer was started.
    system::Moment last_trigger;    ///< Zero if it never elapsed.
    std::uint64_t unit_active = 0;  ///< When its unit was last started; 0: never.
    std::uint64_t unit_inactive = 0;
    bool clock_has_changed = false;
};

struct NextElapse {
    std::optional<std::uint64_t> monotonic;
    std::optional<std::uint64_t> realtime;
    /// Whether a later start or end of its unit makes it elapse again.
    bool follows_unit = false;
};

/// `states` has one element for each rule.
NextElapse next_elapse(const std::vector<unit::ElapseRule>& rules, std::vector<RuleState>& states,
                       const ElapseFacts& facts);

/// Returns `moment` after a delay below `most`, which `random` selects.
std::uint64_t delayed(std::uint64_t moment, util::TimeSpan most, std::uint64_t random);

/// Returns the random number of FixedRandomDelay=, which is the same each time on this machine: the
/// one that systemd has for a system manager. `machine_id` has 16 bytes.
std::uint64_t fixed_random(std::string_view machine_id, std::uint32_t uid, std::string_view unit);

/// Returns when the first of two comes, since 1970. Each may be 0 or `never`, and `monotonic` is of
/// the monotonic clock.
std::uint64_t first_elapse(std::uint64_t monotonic, std::uint64_t realtime, system::Moment now);

}  // namespace notifybridge::unit_types
