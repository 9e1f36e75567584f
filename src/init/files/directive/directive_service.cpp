#include "init/files/directive/check.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/directive_entry.hpp"
#include "init/files/directive/keep.hpp"

/// The directives of [Service] (systemd.service(5), OPTIONS).
namespace notifybridge::directive {
namespace service_rows {

using S = unit::ServiceSettings;
using U = unit::UnitSettings;

template <auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field to = field<&unit::Settings::service, Member, Read, Print>;

template <const auto& Words, auto Member>
constexpr Field choose = to<Member, choice<Words>, choice<Words>>;

template <auto Member, auto Read = by_type>
constexpr Field to_unit = field<&unit::Settings::unit, Member, Read, unseen>;

template <auto Member>
constexpr Field show_extended = print_member<&unit::Settings::service, Member, print::extended>;

void show_timeout_start(const Property& property, std::optional<util::TimeSpan> timeout) {
    print::value(property, timeout.value_or(std::chrono::seconds(90)));
}

void show_timeout_abort(const Property& property) {
    const S& service = property.settings.service;
    print::value(property, service.timeout_abort.value_or(service.timeout_stop));
}

/// Prints the stored value of a directive that we do not honour.
void show_kept(const Property& property) {
    property.is(std::string(property.settings.exec->kept->find(property.name).value_or("")));
}

std::span<const Row> service_table() {
    static const Row rows[] = {
        // clang-format off
        {"Type",                      honoured,    choose<choices::service_type, &S::type>},
        {"ExitType",                  honoured,    choose<choices::exit_type, &S::exit_type>},
        {"Restart",                   honoured,    choose<choices::restart, &S::restart>},
        {"PIDFile",                   honoured,    to<&S::pid_file, parse::pid_file>},
        {"NotifyAccess",              honoured,
         choose<choices::notify_access, &S::notify_access>},
        {"RestartSec",                honoured,    to<&S::restart_delay>},
        {"TimeoutStartSec",           honoured,
         to<&S::timeout_start, parse::optional_timeout, show_timeout_start>},
        {"TimeoutStopSec",            honoured,    to<&S::timeout_stop, parse::timeout>},
        {"TimeoutAbortSec",           honoured,
         to<&S::timeout_abort, parse::resettable_seconds, show_timeout_abort>},
        {"TimeoutSec",                honoured,    parse::start_and_stop_timeout},
        {"TimeoutStartFailureMode",   honoured,
         choose<choices::timeout_failure_mode, &S::timeout_start_failure_mode>},
        {"TimeoutStopFailureMode",    honoured,
         choose<choices::timeout_failure_mode, &S::timeout_stop_failure_mode>},
        {"RuntimeMaxSec",             honoured,    to<&S::runtime_max>},
        {"RuntimeRandomizedExtraSec", honoured,    to<&S::runtime_randomized_extra>},
        {"WatchdogSec",               honoured,    to<&S::watchdog, by_type, unseen>},
        {"WatchdogTimestamp WatchdogTimestampMonotonic", shown},
        {"RootDirectoryStartOnly",    honoured,    to<&S::root_directory_start_only>},
        {"RemainAfterExit",           honoured,    to<&S::remain_after_exit>},
        {"GuessMainPID",              honoured,    to<&S::guess_main_pid>},
        {"RestartPreventExitStatus",  honoured,    to<&S::restart_prevent_exit_status>},
        {"RestartForceExitStatus",    honoured,    to<&S::restart_force_exit_status>},
        {"SuccessExitStatus",         honoured,    to<&S::success_exit_status>},
        {"MainPID ControlPID",        shown},
        {"BusName",                   honoured,    to<&S::bus_name, parse::bus_name>},
        {"FileDescriptorStoreMax",    honoured,    to<&S::file_descriptor_store_max>},
        {"NFileDescriptorStore StatusText StatusErrno Result ReloadResult CleanResult", shown},
        {"USBFunctionDescriptors USBFunctionStrings", meaningless, {keep::path, show_kept}},
        {"UID GID NRestarts",         shown},
        {"OOMPolicy",                 unsupported, choose<choices::oom_policy, &S::oom_policy>},
        {"ExecMainStartTimestamp ExecMainStartTimestampMonotonic ExecMainExitTimestamp "
         "ExecMainExitTimestampMonotonic ExecMainPID ExecMainCode ExecMainStatus", shown},
        {"ExecCondition",             honoured,    to<&S::exec_condition>},
        {"ExecConditionEx",           shown,    show_extended<&S::exec_condition>},
        {"ExecStartPre",              honoured,    to<&S::exec_start_pre>},
        {"ExecStartPreEx",            shown,    show_extended<&S::exec_start_pre>},
        {"ExecStart",                 honoured,    to<&S::exec_start>},
        {"ExecStartEx",               shown,    show_extended<&S::exec_start>},
        {"ExecStartPost",             honoured,    to<&S::exec_start_post>},
        {"ExecStartPostEx",           shown,    show_extended<&S::exec_start_post>},
        {"ExecReload",                honoured,    to<&S::exec_reload>},
        {"ExecReloadEx",              shown,    show_extended<&S::exec_reload>},
        {"ExecStop",                  honoured,    to<&S::exec_stop>},
        {"ExecStopEx",                shown,    show_extended<&S::exec_stop>},
        {"ExecStopPost",              honoured,    to<&S::exec_stop_post>},
        {"ExecStopPostEx",            shown,    show_extended<&S::exec_stop_post>},
        // `show` prints these directives among the properties of systemd.exec(5).
        {"NonBlocking",               honoured,    to<&S::non_blocking, by_type, unseen>},
        {"Sockets",                   honoured,    to<&S::sockets, parse::sockets, unseen>},
        // clang-format on
    };
    return rows;
}

// These directives have moved to [Unit], or are deprecated.
std::span<const Row> legacy_table() {
    static const Row rows[] = {
        // clang-format off
        {"PermissionsStartOnly", honoured,    to<&S::permissions_start_only>},
        {"StartLimitInterval",   honoured,    to_unit<&U::start_limit_interval>},
        {"StartLimitBurst",      honoured,    to_unit<&U::start_limit_burst>},
        {"StartLimitAction",     honoured,
         to_unit<&U::start_limit_action, choice<choices::emergency_action>>},
        {"FailureAction",        honoured,
         to_unit<&U::failure_action, choice<choices::emergency_action>>},
        {"RebootArgument",       meaningless, to_unit<&U::reboot_argument>},
        {"SysVStartPriority BusPolicy", meaningless},
        // clang-format on
    };
    return rows;
}

constexpr char preserve_words[] = "yes no restart";

// These directives came with systemd 253 to 262.
std::span<const Row> newer_table() {
    static const Row rows[] = {
        // clang-format off
        {"ReloadSignal",                honoured,    to<&S::reload_signal, parse::signal>},
        {"RestartSteps",                honoured,    to<&S::restart_steps>},
        {"RestartMaxDelaySec",          honoured,    to<&S::restart_max_delay>},
        {"RestartMode",                 honoured,
         choose<choices::restart_mode, &S::restart_mode>},
        {"FileDescriptorStorePreserve", unsupported, check::one_of<preserve_words>},
        {"OpenFile ExecReloadPost RestartRandomizedDelaySec LUOSession RefreshOnReload",
         unsupported},
        // clang-format on
    };
    return rows;
}

}  // namespace service_rows

std::span<const Row> service_directives() {
    return service_rows::service_table();
}
std::span<const Row> legacy_service_directives() {
    return service_rows::legacy_table();
}
std::span<const Row> newer_service_directives() {
    return service_rows::newer_table();
}

}  // namespace notifybridge::directive
