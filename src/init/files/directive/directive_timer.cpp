#include "init/files/directive/check.hpp"
#include "init/files/directive/directive_entry.hpp"

/// The directives of [Timer] (systemd.timer(5), OPTIONS).
namespace notifybridge::directive {
namespace timer_rows {

using T = unit::TimerSettings;
using unit::TimerBase;

template <auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field to = field<&unit::Settings::timer, Member, Read, Print>;

template <TimerBase Base>
void rule(unit::Line& line) {
    parse::elapse_rule(line, Base);
}

std::span<const Row> timer_table() {
    static const Row rows[] = {
        // clang-format off
        {"Unit",               honoured, to<&T::unit, parse::triggered_unit>},
        {"TimersMonotonic TimersCalendar", shown},
        {"OnClockChange",      honoured, to<&T::on_clock_change>},
        {"OnTimezoneChange",   honoured, to<&T::on_timezone_change>},
        {"NextElapseUSecRealtime NextElapseUSecMonotonic LastTriggerUSec LastTriggerUSecMonotonic "
         "Result", shown},
        {"AccuracySec",        honoured, to<&T::accuracy>},
        {"RandomizedDelaySec", honoured, to<&T::randomized_delay>},
        {"FixedRandomDelay",   honoured, to<&T::fixed_random_delay>},
        {"Persistent",         honoured, to<&T::persistent>},
        {"WakeSystem",         meaningless, to<&T::wake_system>},
        {"RemainAfterElapse",  honoured, to<&T::remain_after_elapse>},
        {"OnActiveSec",        honoured, rule<TimerBase::active>},
        {"OnBootSec",          honoured, rule<TimerBase::boot>},
        {"OnStartupSec",       honoured, rule<TimerBase::startup>},
        {"OnUnitActiveSec",    honoured, rule<TimerBase::unit_active>},
        {"OnUnitInactiveSec",  honoured, rule<TimerBase::unit_inactive>},
        {"OnCalendar",         honoured, rule<TimerBase::calendar>},
        // clang-format on
    };
    return rows;
}

// These directives came with systemd 257 to 262.
std::span<const Row> newer_table() {
    static const Row rows[] = {
        {"DeferReactivation", unsupported, check::as<bool>},
        {"RandomizedOffsetSec", unsupported},
    };
    return rows;
}

}  // namespace timer_rows

std::span<const Row> timer_directives() {
    return timer_rows::timer_table();
}
std::span<const Row> newer_timer_directives() {
    return timer_rows::newer_table();
}

}  // namespace notifybridge::directive
