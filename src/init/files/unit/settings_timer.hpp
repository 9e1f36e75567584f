#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "init/files/calendar/event.hpp"
#include "init/files/unit/settings_values.hpp"

/// The settings of [Timer] (systemd.timer(5)).
namespace notifybridge::unit {

/// The event from which the time of a rule counts.
enum class TimerBase : std::uint8_t { active, boot, startup, unit_active, unit_inactive, calendar };

/// A line that defines when the timer elapses, such as OnBootSec= or OnCalendar=.
struct ElapseRule {
    TimerBase base;
    TimeSpan span = TimeSpan::zero();
    calendar::Event event;  ///< The event that replaces `span` if the base is TimerBase::calendar.
};

struct TimerSettings {
    std::vector<ElapseRule> rules;
    bool on_clock_change = false;
    bool on_timezone_change = false;
    TimeSpan accuracy = std::chrono::minutes(1);
    TimeSpan randomized_delay = TimeSpan::zero();
    bool fixed_random_delay = false;
    bool persistent = false;
    bool wake_system = false;
    bool remain_after_elapse = true;
    std::string unit;
};

}  // namespace notifybridge::unit
