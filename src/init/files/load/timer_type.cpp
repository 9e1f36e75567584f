#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/load/honoured_types.hpp"
#include "init/files/load/rules.hpp"

namespace notifybridge::load {
namespace {

using unit::Dependency;

constexpr auto timer_sections = std::to_array<std::string_view>({"Unit", "Timer", "Install"});

constexpr auto timer_defaults = std::to_array<NamedDependency>({
    {Dependency::before, "timers.target"},
    {Dependency::requires_unit, "sysinit.target"},
    {Dependency::after, "sysinit.target"},
    {Dependency::conflicts, "shutdown.target"},
    {Dependency::before, "shutdown.target"},
});

constexpr auto clock_dependencies = std::to_array<NamedDependency>({
    {Dependency::after, "time-sync.target"},
    {Dependency::after, "time-set.target"},
});

/// Applies the default of Unit=. If Persistent= is set, adds the directory of the stamp files to
/// RequiresMountsFor= (systemd.timer(5)).
unit::LoadState complete_timer(unit::Settings& settings, const unit::UnitName& name,
                               unit::Place file, unit::Messages& messages) {
    unit::TimerSettings& timer = settings.timer.edit();
    if (timer.unit.empty())
        timer.unit = util::concat(name.stem(), ".service");
    if (timer.persistent)
        util::add_once(settings.unit.requires_mounts_for.edit(),
                       std::string("/var/lib/systemd/timers"));
    const bool never_elapses =
        timer.rules.empty() && !timer.on_clock_change && !timer.on_timezone_change;
    return holds_all({{never_elapses, "it never elapses; set for example OnCalendar="}}, file,
                     messages)
               ? unit::LoadState::loaded
               : unit::LoadState::bad_setting;
}

std::string_view unit_of_timer(const unit::Settings& settings) {
    return settings.timer->unit;
}

/// Returns the dependencies that order a timer with OnCalendar= after the targets that wait for the
/// correct time (systemd.timer(5), "Default Dependencies").
std::span<const NamedDependency> clock_of_timer(const unit::Settings& settings) {
    const bool has_calendar = std::ranges::any_of(settings.timer->rules, [](const auto& rule) {
        return rule.base == unit::TimerBase::calendar;
    });
    if (has_calendar && settings.unit.default_dependencies)
        return clock_dependencies;
    return {};
}

}  // namespace

TypeRow timer_row() {
    return {
        .sections = timer_sections,
        .shown = directive::timer_directives(),
        .complete = complete_timer,
        .defaults = timer_defaults,
        .implied = clock_of_timer,
        .triggered = unit_of_timer,
    };
}

}  // namespace notifybridge::load
