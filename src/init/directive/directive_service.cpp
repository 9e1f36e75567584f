#include "init/directive/choices.hpp"
#include "init/directive/directive_entry.hpp"
#include "init/directive/parse.hpp"

/// [Service]: systemd.service(5), OPTIONS.
namespace notifybridge::directive {
namespace {

using S = unit::ServiceSettings;

template <auto Parse, auto Member>
constexpr auto to = into<Parse, &unit::Settings::service, Member>;

template <auto Parse, auto Member>
constexpr auto to_unit = into<Parse, &unit::Settings::unit, Member>;

template <const auto& Words, auto Member>
constexpr auto choose = choose_into<Words, &unit::Settings::service, Member>;

template <const auto& Words, auto Member>
constexpr auto choose_unit = choose_into<Words, &unit::Settings::unit, Member>;

constexpr auto both_timeouts = into<parse::start_and_stop_timeout, &unit::Settings::service>;

constexpr auto service_table = std::to_array<Directive>({
    // clang-format off
    {"Type",                      honoured,    choose<choices::service_type, &S::type>},
    {"ExitType",                  honoured,    choose<choices::exit_type, &S::exit_type>},
    {"RemainAfterExit",           honoured,    to<parse::boolean, &S::remain_after_exit>},
    {"GuessMainPID",              honoured,    to<parse::boolean, &S::guess_main_pid>},
    {"PIDFile",                   honoured,    to<parse::pid_file, &S::pid_file>},
    {"BusName",                   honoured,    to<parse::bus_name, &S::bus_name>},
    {"ExecCondition",             honoured,    to<parse::commands, &S::exec_condition>},
    {"ExecStartPre",              honoured,    to<parse::commands, &S::exec_start_pre>},
    {"ExecStart",                 honoured,    to<parse::commands, &S::exec_start>},
    {"ExecStartPost",             honoured,    to<parse::commands, &S::exec_start_post>},
    {"ExecReload",                honoured,    to<parse::commands, &S::exec_reload>},
    {"ExecStop",                  honoured,    to<parse::commands, &S::exec_stop>},
    {"ExecStopPost",              honoured,    to<parse::commands, &S::exec_stop_post>},
    {"RestartSec",                honoured,    to<parse::seconds, &S::restart_delay>},
    {"TimeoutStartSec",           honoured,    to<parse::optional_timeout, &S::timeout_start>},
    {"TimeoutStopSec",            honoured,    to<parse::timeout, &S::timeout_stop>},
    {"TimeoutAbortSec",           honoured,    to<parse::resettable_seconds, &S::timeout_abort>},
    {"TimeoutSec",                honoured,    both_timeouts},
    {"TimeoutStartFailureMode",   honoured,
     choose<choices::timeout_failure_mode, &S::timeout_start_failure_mode>},
    {"TimeoutStopFailureMode",    honoured,
     choose<choices::timeout_failure_mode, &S::timeout_stop_failure_mode>},
    {"RuntimeMaxSec",             honoured,    to<parse::seconds, &S::runtime_max>},
    {"RuntimeRandomizedExtraSec", honoured,    to<parse::seconds, &S::runtime_randomized_extra>},
    {"WatchdogSec",               honoured,    to<parse::seconds, &S::watchdog>},
    {"Restart",                   honoured,    choose<choices::restart, &S::restart>},
    {"SuccessExitStatus",         honoured,    to<parse::exit_statuses, &S::success_exit_status>},
    {"RestartPreventExitStatus",  honoured,
     to<parse::exit_statuses, &S::restart_prevent_exit_status>},
    {"RestartForceExitStatus",    honoured,
     to<parse::exit_statuses, &S::restart_force_exit_status>},
    {"RootDirectoryStartOnly",    honoured,    to<parse::boolean, &S::root_directory_start_only>},
    {"NonBlocking",               honoured,    to<parse::boolean, &S::non_blocking>},
    {"NotifyAccess",              honoured,    choose<choices::notify_access, &S::notify_access>},
    {"Sockets",                   honoured,    to<parse::sockets, &S::sockets>},
    {"FileDescriptorStoreMax",    honoured,
     to<parse::unsigned_number, &S::file_descriptor_store_max>},
    {"USBFunctionDescriptors",    meaningless},
    {"USBFunctionStrings",        meaningless},
    {"OOMPolicy",                 unsupported, choose<choices::oom_policy, &S::oom_policy>},
    // clang-format on
});

// Of [Unit] now, or of no effect.
constexpr auto legacy_table = std::to_array<Directive>({
    // clang-format off
    {"PermissionsStartOnly", honoured,
     to<parse::boolean, &S::permissions_start_only>, undocumented},
    {"StartLimitInterval",   honoured,
     to_unit<parse::seconds, &unit::UnitSettings::start_limit_interval>, undocumented},
    {"StartLimitBurst",      honoured,
     to_unit<parse::unsigned_number, &unit::UnitSettings::start_limit_burst>, undocumented},
    {"StartLimitAction",     honoured,
     choose_unit<choices::emergency_action, &unit::UnitSettings::start_limit_action>, undocumented},
    {"FailureAction",        honoured,
     choose_unit<choices::emergency_action, &unit::UnitSettings::failure_action>, undocumented},
    {"RebootArgument",       meaningless,
     to_unit<parse::text, &unit::UnitSettings::reboot_argument>, undocumented},
    {"SysVStartPriority",    meaningless, nullptr, undocumented},
    {"BusPolicy",            meaningless, nullptr, undocumented},
    // clang-format on
});

// systemd 253 to 258.
constexpr auto newer_table = std::to_array<Directive>({
    // clang-format off
    {"ReloadSignal",                honoured,
     to<parse::signal, &S::reload_signal>, undocumented},
    {"RestartSteps",                honoured,
     to<parse::unsigned_number, &S::restart_steps>, undocumented},
    {"RestartMaxDelaySec",          honoured,
     to<parse::seconds, &S::restart_max_delay>, undocumented},
    {"RestartMode",                 honoured,
     choose<choices::restart_mode, &S::restart_mode>, undocumented},
    {"FileDescriptorStorePreserve", unsupported, nullptr, undocumented},
    {"OpenFile",                    unsupported, nullptr, undocumented},
    // clang-format on
});

}  // namespace

const std::span<const Directive> service_directives = service_table;
const std::span<const Directive> legacy_service_directives = legacy_table;
const std::span<const Directive> newer_service_directives = newer_table;

}  // namespace notifybridge::directive
