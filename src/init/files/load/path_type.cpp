#include <array>
#include <limits>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/load/honoured_types.hpp"
#include "init/files/load/rules.hpp"

namespace notifybridge::load {
namespace {

using unit::Dependency;

constexpr auto path_sections = std::to_array<std::string_view>({"Unit", "Path", "Install"});

constexpr auto path_defaults = std::to_array<NamedDependency>({
    {Dependency::before, "paths.target"},
    {Dependency::requires_unit, "sysinit.target"},
    {Dependency::after, "sysinit.target"},
    {Dependency::conflicts, "shutdown.target"},
    {Dependency::before, "shutdown.target"},
});

/// Applies the defaults of Unit=, TriggerLimitIntervalSec= and TriggerLimitBurst=. Adds the path of
/// each rule to RequiresMountsFor= (systemd.path(5), "Implicit Dependencies").
unit::LoadState complete_path(unit::Settings& settings, const unit::UnitName& name,
                              unit::Place file, unit::Messages& messages) {
    // systemd treats the largest value as not set.
    constexpr unsigned unset = std::numeric_limits<unsigned>::max();
    unit::PathSettings& path = settings.path.edit();
    if (path.unit.empty())
        path.unit = util::concat(name.stem(), ".service");
    if (path.trigger_limit_interval.value_or(util::infinity) == util::infinity)
        path.trigger_limit_interval = path.usual_interval;
    if (path.trigger_limit_burst.value_or(unset) == unset)
        path.trigger_limit_burst = path.usual_burst;
    for (const unit::PathRule& rule : path.rules)
        util::add_once(settings.unit.requires_mounts_for.edit(), rule.path);
    return holds_all({{path.rules.empty(),
                       "it does not have a path to watch; set for example PathExists="}},
                     file, messages)
               ? unit::LoadState::loaded
               : unit::LoadState::bad_setting;
}

std::string_view unit_of_path(const unit::Settings& settings) {
    return settings.path->unit;
}

}  // namespace

TypeRow path_row() {
    return {
        .sections = path_sections,
        .shown = directive::path_directives(),
        .complete = complete_path,
        .defaults = path_defaults,
        .triggered = unit_of_path,
    };
}

}  // namespace notifybridge::load
