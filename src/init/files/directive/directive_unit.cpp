#include "init/files/directive/check.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/directive_entry.hpp"

/// The directives of [Unit] (systemd.unit(5), [UNIT] SECTION OPTIONS).
namespace notifybridge::directive {
namespace unit_rows {

using U = unit::UnitSettings;
using D = unit::Dependency;

template <auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field to = field<&unit::Settings::unit, Member, Read, Print>;

template <const auto& Words, auto Member>
constexpr Field choose = to<Member, choice<Words>, choice<Words>>;

template <unit::Dependency Kind>
void to_dependency(unit::Line& line) {
    parse::dependencies(line, line.settings().unit.dependencies[Kind]);
}

void show_job_running_timeout(const Property& property) {
    const U& unit = property.settings.unit;
    print::value(property, unit.job_running_timeout.value_or(unit.job_timeout));
}

std::span<const Row> unit_table() {
    static const Row rows[] = {
        // clang-format off
        {"Id Names Following",       shown},
        {"Requires",                 honoured,    to_dependency<D::requires_unit>},
        {"Requisite",                honoured,    to_dependency<D::requisite>},
        {"Wants",                    honoured,    to_dependency<D::wants>},
        {"BindsTo",                  honoured,    to_dependency<D::binds_to>},
        {"PartOf",                   honoured,    to_dependency<D::part_of>},
        {"Upholds",                  honoured,    to_dependency<D::upholds>},
        {"RequiredBy RequisiteOf WantedBy BoundBy UpheldBy ConsistsOf", shown},
        {"Conflicts",                honoured,    to_dependency<D::conflicts>},
        {"ConflictedBy",             shown},
        {"Before",                   honoured,    to_dependency<D::before>},
        {"After",                    honoured,    to_dependency<D::after>},
        {"OnSuccess",                honoured,    to_dependency<D::on_success>},
        {"OnSuccessOf",              shown},
        {"OnFailure",                honoured,    to_dependency<D::on_failure>},
        {"OnFailureOf Triggers TriggeredBy", shown},
        {"PropagatesReloadTo",       honoured,    to_dependency<D::propagates_reload_to>},
        {"ReloadPropagatedFrom",     honoured,    to_dependency<D::reload_propagated_from>},
        {"PropagatesStopTo",         honoured,    to_dependency<D::propagates_stop_to>},
        {"StopPropagatedFrom",       honoured,    to_dependency<D::stop_propagated_from>},
        {"JoinsNamespaceOf",         unsupported, to_dependency<D::joins_namespace_of>},
        {"SliceOf",                  shown},
        {"RequiresMountsFor",        meaningless, to<&U::requires_mounts_for, parse::mounts>},
        {"Documentation",            honoured,    to<&U::documentation, parse::documentation>},
        // If the directive is not set, the property is the unit's name.
        {"Description",              honoured,    to<&U::description, by_type, unseen>},
        {"AccessSELinuxContext LoadState ActiveState FreezerState SubState FragmentPath", shown},
        {"SourcePath",               honoured,    to<&U::source_path, parse::path>},
        {"DropInPaths UnitFileState UnitFilePreset StateChangeTimestamp "
         "StateChangeTimestampMonotonic InactiveExitTimestamp InactiveExitTimestampMonotonic "
         "ActiveEnterTimestamp "
         "ActiveEnterTimestampMonotonic ActiveExitTimestamp "
         "ActiveExitTimestampMonotonic InactiveEnterTimestamp InactiveEnterTimestampMonotonic CanStart CanStop CanReload "
         "CanIsolate CanClean CanFreeze Job", shown},
        {"StopWhenUnneeded",         honoured,    to<&U::stop_when_unneeded>},
        {"RefuseManualStart",        honoured,    to<&U::refuse_manual_start>},
        {"RefuseManualStop",         honoured,    to<&U::refuse_manual_stop>},
        {"AllowIsolate",             honoured,    to<&U::allow_isolate>},
        {"DefaultDependencies",      honoured,    to<&U::default_dependencies>},
        {"OnSuccessJobMode",         honoured,
         choose<choices::job_mode, &U::on_success_job_mode>},
        {"OnFailureJobMode",         honoured,
         choose<choices::job_mode, &U::on_failure_job_mode>},
        {"IgnoreOnIsolate",          honoured,    to<&U::ignore_on_isolate>},
        {"NeedDaemonReload Markers", shown},
        {"JobTimeoutSec",            honoured,    to<&U::job_timeout, parse::timeout>},
        {"JobRunningTimeoutSec",     honoured,
         to<&U::job_running_timeout, parse::optional_timeout, show_job_running_timeout>},
        {"JobTimeoutAction",         honoured,
         choose<choices::emergency_action, &U::job_timeout_action>},
        {"JobTimeoutRebootArgument", meaningless, to<&U::job_timeout_reboot_argument>},
        {"ConditionResult AssertResult "
        "ConditionTimestamp ConditionTimestampMonotonic "
         "AssertTimestamp AssertTimestampMonotonic Conditions Asserts LoadError Transient Perpetual",
         shown},
        {"StartLimitIntervalSec",    honoured,    to<&U::start_limit_interval>},
        {"StartLimitBurst",          honoured,    to<&U::start_limit_burst>},
        {"StartLimitAction",         honoured,
         choose<choices::emergency_action, &U::start_limit_action>},
        {"FailureAction",            honoured,
         choose<choices::emergency_action, &U::failure_action>},
        {"FailureActionExitStatus",  honoured,    to<&U::failure_action_exit_status>},
        {"SuccessAction",            honoured,
         choose<choices::emergency_action, &U::success_action>},
        {"SuccessActionExitStatus",  honoured,    to<&U::success_action_exit_status>},
        {"RebootArgument",           meaningless, to<&U::reboot_argument>},
        {"InvocationID",             shown},
        {"CollectMode",              honoured,    choose<choices::collect_mode, &U::collect_mode>},
        {"Refs ActivationDetails",   shown},
        // clang-format on
    };
    return rows;
}

// Former names of directives.
std::span<const Row> legacy_table() {
    static const Row rows[] = {
        // clang-format off
        {"BindTo",               honoured,    to_dependency<D::binds_to>},
        {"PropagateReloadTo",    honoured,
         to_dependency<D::propagates_reload_to>},
        {"PropagateReloadFrom",  honoured,
         to_dependency<D::reload_propagated_from>},
        {"RequiresOverridable",  honoured,    to_dependency<D::requires_unit>},
        {"RequisiteOverridable", honoured,    to_dependency<D::requisite>},
        {"OnFailureIsolate",     honoured,
         to<&U::on_failure_job_mode, parse::isolates, unseen>},
        {"StartLimitInterval",   honoured,    to<&U::start_limit_interval>},
        {"IgnoreOnSnapshot",     meaningless, {}},
        // clang-format on
    };
    return rows;
}

/// Checks the paths, but does not store them, because this manager mounts nothing.
void check_mounts(unit::Line& line) {
    unit::Paths unused;
    parse::mounts(line, unused);
}

// These directives came with systemd 255 and 256.
std::span<const Row> newer_table() {
    static const Row rows[] = {
        {"WantsMountsFor", meaningless, check_mounts},
        {"SurviveFinalKillSignal", meaningless, check::as<bool>},
    };
    return rows;
}

}  // namespace unit_rows

std::span<const Row> unit_directives() {
    return unit_rows::unit_table();
}
std::span<const Row> legacy_unit_directives() {
    return unit_rows::legacy_table();
}
std::span<const Row> newer_unit_directives() {
    return unit_rows::newer_table();
}

}  // namespace notifybridge::directive
