#include "init/directive/choices.hpp"
#include "init/directive/directive_entry.hpp"
#include "init/directive/parse.hpp"

/// [Unit]: systemd.unit(5), [UNIT] SECTION OPTIONS.
namespace notifybridge::directive {
namespace {

using U = unit::UnitSettings;

template <auto Parse, auto Member>
constexpr auto to = into<Parse, &unit::Settings::unit, Member>;

template <const auto& Words, auto Member>
constexpr auto choose = choose_into<Words, &unit::Settings::unit, Member>;

template <unit::Dependency Kind>
void to_dependency(unit::Line& line) {
    parse::dependencies(line, line.settings().unit.dependencies[Kind]);
}

constexpr auto unit_table = std::to_array<Directive>({
    // clang-format off
    {"Description",              honoured,    to<parse::text, &U::description>},
    {"Documentation",            honoured,    to<parse::documentation, &U::documentation>},
    {"SourcePath",               honoured,    to<parse::path, &U::source_path>},
    {"Requires",                 honoured,    to_dependency<unit::Dependency::requires_unit>},
    {"Requisite",                honoured,    to_dependency<unit::Dependency::requisite>},
    {"Wants",                    honoured,    to_dependency<unit::Dependency::wants>},
    {"BindsTo",                  honoured,    to_dependency<unit::Dependency::binds_to>},
    {"Upholds",                  honoured,    to_dependency<unit::Dependency::upholds>},
    {"Conflicts",                honoured,    to_dependency<unit::Dependency::conflicts>},
    {"Before",                   honoured,    to_dependency<unit::Dependency::before>},
    {"After",                    honoured,    to_dependency<unit::Dependency::after>},
    {"OnSuccess",                honoured,    to_dependency<unit::Dependency::on_success>},
    {"OnFailure",                honoured,    to_dependency<unit::Dependency::on_failure>},
    {"PropagatesReloadTo",       honoured,    to_dependency<unit::Dependency::propagates_reload_to>},
    {"ReloadPropagatedFrom",     honoured,    to_dependency<unit::Dependency::reload_propagated_from>},
    {"PropagatesStopTo",         honoured,    to_dependency<unit::Dependency::propagates_stop_to>},
    {"StopPropagatedFrom",       honoured,    to_dependency<unit::Dependency::stop_propagated_from>},
    {"PartOf",                   honoured,    to_dependency<unit::Dependency::part_of>},
    {"JoinsNamespaceOf",         unsupported, to_dependency<unit::Dependency::joins_namespace_of>},
    {"RequiresMountsFor",        meaningless, to<parse::mounts, &U::requires_mounts_for>},
    {"StopWhenUnneeded",         honoured,    to<parse::boolean, &U::stop_when_unneeded>},
    {"RefuseManualStart",        honoured,    to<parse::boolean, &U::refuse_manual_start>},
    {"RefuseManualStop",         honoured,    to<parse::boolean, &U::refuse_manual_stop>},
    {"AllowIsolate",             honoured,    to<parse::boolean, &U::allow_isolate>},
    {"DefaultDependencies",      honoured,    to<parse::boolean, &U::default_dependencies>},
    {"IgnoreOnIsolate",          honoured,    to<parse::boolean, &U::ignore_on_isolate>},
    {"OnSuccessJobMode",         honoured,    choose<choices::job_mode, &U::on_success_job_mode>},
    {"OnFailureJobMode",         honoured,    choose<choices::job_mode, &U::on_failure_job_mode>},
    {"JobTimeoutSec",            honoured,    to<parse::timeout, &U::job_timeout>},
    {"JobRunningTimeoutSec",     honoured,    to<parse::optional_timeout, &U::job_running_timeout>},
    {"JobTimeoutAction",         honoured,    choose<choices::emergency_action, &U::job_timeout_action>},
    {"JobTimeoutRebootArgument", meaningless, to<parse::text, &U::job_timeout_reboot_argument>},
    {"StartLimitIntervalSec",    honoured,    to<parse::seconds, &U::start_limit_interval>},
    {"StartLimitBurst",          honoured,    to<parse::unsigned_number, &U::start_limit_burst>},
    {"StartLimitAction",         honoured,    choose<choices::emergency_action, &U::start_limit_action>},
    {"FailureAction",            honoured,    choose<choices::emergency_action, &U::failure_action>},
    {"SuccessAction",            honoured,    choose<choices::emergency_action, &U::success_action>},
    {"FailureActionExitStatus",  honoured,
     to<parse::exit_status, &U::failure_action_exit_status>},
    {"SuccessActionExitStatus",  honoured,
     to<parse::exit_status, &U::success_action_exit_status>},
    {"RebootArgument",           meaningless, to<parse::text, &U::reboot_argument>},
    {"CollectMode",              honoured,    choose<choices::collect_mode, &U::collect_mode>},
    // clang-format on
});

// Other names of the same, from before they were named anew.
constexpr auto legacy_table = std::to_array<Directive>({
    // clang-format off
    {"BindTo",               honoured,    to_dependency<unit::Dependency::binds_to>, undocumented},
    {"PropagateReloadTo",    honoured,
     to_dependency<unit::Dependency::propagates_reload_to>, undocumented},
    {"PropagateReloadFrom",  honoured,
     to_dependency<unit::Dependency::reload_propagated_from>, undocumented},
    {"RequiresOverridable",  honoured,    to_dependency<unit::Dependency::requires_unit>, undocumented},
    {"RequisiteOverridable", honoured,    to_dependency<unit::Dependency::requisite>, undocumented},
    {"OnFailureIsolate",     honoured,
     to<parse::isolates, &U::on_failure_job_mode>, undocumented},
    {"StartLimitInterval",   honoured,
     to<parse::seconds, &U::start_limit_interval>, undocumented},
    {"IgnoreOnSnapshot",     meaningless, nullptr, undocumented},
    // clang-format on
});

}  // namespace

const std::span<const Directive> unit_directives = unit_table;
const std::span<const Directive> legacy_unit_directives = legacy_table;

}  // namespace notifybridge::directive
