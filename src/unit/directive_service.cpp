#include "unit/directive_entry.hpp"
#include "unit/parse.hpp"

/// [Service]: systemd.service(5), OPTIONS.
namespace notifybridge::unit {
namespace {

using S = ServiceSettings;

template <auto Parse, auto Member>
constexpr auto to = into<Parse, &Settings::service, Member>;

template <auto Parse, auto Member>
constexpr auto to_unit = into<Parse, &Settings::unit, Member>;

template <const auto& Words, auto Member>
constexpr auto choose = choose_into<Words, &Settings::service, Member>;

template <const auto& Words, auto Member>
constexpr auto choose_unit = choose_into<Words, &Settings::unit, Member>;

constexpr auto both_timeouts = into<parse::start_and_stop_timeout, &Settings::service>;

// notify-reload is of systemd 253; what follows has to know it.
constexpr auto types = std::to_array<std::string_view>(
    {"simple", "exec", "forking", "oneshot", "dbus", "notify", "notify-reload", "idle"});
constexpr auto exit_types = std::to_array<std::string_view>({"main", "cgroup"});
constexpr auto restarts = std::to_array<std::string_view>(
    {"no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort", "always"});
constexpr auto restart_modes = std::to_array<std::string_view>({"normal", "direct"});
constexpr auto accesses = std::to_array<std::string_view>({"none", "all", "exec", "main"});
constexpr auto failure_modes = std::to_array<std::string_view>({"terminate", "abort", "kill"});
constexpr auto oom_policies = std::to_array<std::string_view>({"", "continue", "stop", "kill"});
constexpr auto actions = std::to_array<std::string_view>(
    {"none", "reboot", "reboot-force", "reboot-immediate", "poweroff", "poweroff-force",
     "poweroff-immediate", "exit", "exit-force"});

constexpr auto service_table = std::to_array<Directive>({
    // clang-format off
    {"Type",                      honoured,    choose<types, &S::type>},
    {"ExitType",                  unsupported, choose<exit_types, &S::exit_type>},
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
     choose<failure_modes, &S::timeout_start_failure_mode>},
    {"TimeoutStopFailureMode",    honoured,
     choose<failure_modes, &S::timeout_stop_failure_mode>},
    {"RuntimeMaxSec",             honoured,    to<parse::seconds, &S::runtime_max>},
    {"RuntimeRandomizedExtraSec", honoured,    to<parse::seconds, &S::runtime_randomized_extra>},
    {"WatchdogSec",               honoured,    to<parse::seconds, &S::watchdog>},
    {"Restart",                   honoured,    choose<restarts, &S::restart>},
    {"SuccessExitStatus",         honoured,    to<parse::exit_statuses, &S::success_exit_status>},
    {"RestartPreventExitStatus",  honoured,
     to<parse::exit_statuses, &S::restart_prevent_exit_status>},
    {"RestartForceExitStatus",    honoured,
     to<parse::exit_statuses, &S::restart_force_exit_status>},
    {"RootDirectoryStartOnly",    unsupported, to<parse::boolean, &S::root_directory_start_only>},
    {"NonBlocking",               honoured,    to<parse::boolean, &S::non_blocking>},
    {"NotifyAccess",              honoured,    choose<accesses, &S::notify_access>},
    {"Sockets",                   honoured,    to<parse::sockets, &S::sockets>},
    {"FileDescriptorStoreMax",    honoured,
     to<parse::unsigned_number, &S::file_descriptor_store_max>},
    {"USBFunctionDescriptors",    meaningless},
    {"USBFunctionStrings",        meaningless},
    {"OOMPolicy",                 unsupported, choose<oom_policies, &S::oom_policy>},
    // clang-format on
});

// Of [Unit] now, or of no effect.
constexpr auto legacy_table = std::to_array<Directive>({
    // clang-format off
    {"PermissionsStartOnly", honoured,
     to<parse::boolean, &S::permissions_start_only>, undocumented},
    {"StartLimitInterval",   honoured,
     to_unit<parse::seconds, &UnitSettings::start_limit_interval>, undocumented},
    {"StartLimitBurst",      honoured,
     to_unit<parse::unsigned_number, &UnitSettings::start_limit_burst>, undocumented},
    {"StartLimitAction",     honoured,
     choose_unit<actions, &UnitSettings::start_limit_action>, undocumented},
    {"FailureAction",        honoured,
     choose_unit<actions, &UnitSettings::failure_action>, undocumented},
    {"RebootArgument",       meaningless,
     to_unit<parse::text, &UnitSettings::reboot_argument>, undocumented},
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
     choose<restart_modes, &S::restart_mode>, undocumented},
    {"FileDescriptorStorePreserve", unsupported, nullptr, undocumented},
    {"OpenFile",                    unsupported, nullptr, undocumented},
    // clang-format on
});

}  // namespace

const std::span<const Directive> service_directives = service_table;
const std::span<const Directive> legacy_service_directives = legacy_table;
const std::span<const Directive> newer_service_directives = newer_table;

}  // namespace notifybridge::unit
