#include "init/directive/choices.hpp"
#include "init/directive/directive_entry.hpp"
#include "init/directive/parse.hpp"
#include "init/unit/value.hpp"

/// What of systemd.exec(5) is honoured, and systemd.kill(5).
namespace notifybridge::directive {
namespace {

using E = unit::ExecSettings;

template <auto Parse, auto Member>
constexpr auto to = into<Parse, &unit::Settings::exec, Member>;

template <auto Directory>
constexpr auto to_mode =
    into<parse::mode, &unit::Settings::exec, Directory, &unit::ExecDirectories::mode>;

constexpr auto working_directory = into<parse::working_directory, &unit::Settings::exec>;

void preserve(unit::Line& line) {
    unit::PreserveMode& setting = line.settings().exec.edit().runtime_directory_preserve;
    if (const auto keeps = unit::parse_boolean(line.value()))
        setting = *keeps ? unit::PreserveMode::yes : unit::PreserveMode::no;
    else
        parse::choice<choices::preserve_mode>(line, setting);
}

/// Unlike other words, an empty one takes it back.
void kill_mode(unit::Line& line) {
    unit::KillMode& setting = line.settings().kill.edit().mode;
    if (line.value().empty())
        setting = unit::KillMode::control_group;
    else
        parse::choice<choices::kill_mode>(line, setting);
    if (line.value() == "none")
        line.remark("processes that a stop leaves behind are nobody's; \"mixed\" ends them all");
}

template <auto Parse, auto Member>
constexpr auto to_kill = into<Parse, &unit::Settings::kill, Member>;

constexpr auto exec_table = std::to_array<Directive>({
    // clang-format off
    {"WorkingDirectory",           honoured, working_directory},
    {"User",                       honoured, to<parse::user_or_group, &E::user>},
    {"Group",                      honoured, to<parse::user_or_group, &E::group>},
    {"SupplementaryGroups",        honoured, to<parse::users_or_groups, &E::supplementary_groups>},
    {"Nice",                       honoured, to<parse::nice, &E::nice>},
    {"OOMScoreAdjust",             honoured, to<parse::oom_score_adjust, &E::oom_score_adjust>},
    {"CPUSchedulingPolicy",        honoured, into<parse::cpu_scheduling_policy, &unit::Settings::exec>},
    {"CPUSchedulingPriority",      honoured, into<parse::cpu_scheduling_priority, &unit::Settings::exec>},
    {"CPUSchedulingResetOnFork",   honoured, to<parse::boolean, &E::cpu_scheduling_reset_on_fork>},
    {"IOSchedulingClass",          honoured, into<parse::io_scheduling_class, &unit::Settings::exec>},
    {"IOSchedulingPriority",       honoured, to<parse::io_scheduling_priority, &E::io_scheduling_priority>},
    {"TimerSlackNSec",             honoured, to<parse::nanoseconds, &E::timer_slack>},
    {"UMask",                      honoured, to<parse::mode, &E::umask>},
    {"Environment",                honoured, to<parse::environment, &E::environment>},
    {"EnvironmentFile",            honoured, to<parse::environment_file, &E::environment_files>},
    {"PassEnvironment",            honoured, to<parse::variable_names, &E::pass_environment>},
    {"UnsetEnvironment",           honoured, to<parse::variables_to_unset, &E::unset_environment>},
    {"StandardInput",              honoured, to<parse::input, &E::standard_input>},
    {"StandardOutput",             honoured, to<parse::output, &E::standard_output>},
    {"StandardError",              honoured, to<parse::output, &E::standard_error>},
    {"StandardInputText",          honoured, to<parse::input_text, &E::standard_input_data>},
    {"StandardInputData",          honoured, to<parse::input_data, &E::standard_input_data>},
    {"SyslogLevelPrefix",          honoured, to<parse::boolean, &E::syslog_level_prefix>},
    {"TTYPath",                    honoured, to<parse::path, &E::tty_path>},
    {"TTYReset",                   honoured, to<parse::boolean, &E::tty_reset>},
    {"TTYVHangup",                 honoured, to<parse::boolean, &E::tty_vhangup>},
    {"LimitCPU",                   honoured, to<parse::limit, &E::limits>},
    {"LimitFSIZE",                 honoured, to<parse::limit, &E::limits>},
    {"LimitDATA",                  honoured, to<parse::limit, &E::limits>},
    {"LimitSTACK",                 honoured, to<parse::limit, &E::limits>},
    {"LimitCORE",                  honoured, to<parse::limit, &E::limits>},
    {"LimitRSS",                   honoured, to<parse::limit, &E::limits>},
    {"LimitNOFILE",                honoured, to<parse::limit, &E::limits>},
    {"LimitAS",                    honoured, to<parse::limit, &E::limits>},
    {"LimitNPROC",                 honoured, to<parse::limit, &E::limits>},
    {"LimitMEMLOCK",               honoured, to<parse::limit, &E::limits>},
    {"LimitLOCKS",                 honoured, to<parse::limit, &E::limits>},
    {"LimitSIGPENDING",            honoured, to<parse::limit, &E::limits>},
    {"LimitMSGQUEUE",              honoured, to<parse::limit, &E::limits>},
    {"LimitNICE",                  honoured, to<parse::limit, &E::limits>},
    {"LimitRTPRIO",                honoured, to<parse::limit, &E::limits>},
    {"LimitRTTIME",                honoured, to<parse::limit, &E::limits>},
    {"CapabilityBoundingSet",      honoured, to<parse::bounding_set, &E::capability_bounding_set>},
    {"AmbientCapabilities",        honoured, to<parse::capabilities, &E::ambient_capabilities>},
    {"SecureBits",                 honoured, to<parse::secure_bits, &E::secure_bits>},
    {"NoNewPrivileges",            honoured, to<parse::boolean, &E::no_new_privileges>},
    {"IgnoreSIGPIPE",              honoured, to<parse::boolean, &E::ignore_sigpipe>},
    {"ExecSearchPath",             honoured, to<parse::search_path, &E::exec_search_path>},
    {"RuntimeDirectory",           honoured, to<parse::exec_directory, &E::runtime_directory>},
    {"RuntimeDirectoryMode",       honoured, to_mode<&E::runtime_directory>},
    {"StateDirectory",             honoured, to<parse::exec_directory, &E::state_directory>},
    {"StateDirectoryMode",         honoured, to_mode<&E::state_directory>},
    {"CacheDirectory",             honoured, to<parse::exec_directory, &E::cache_directory>},
    {"CacheDirectoryMode",         honoured, to_mode<&E::cache_directory>},
    {"LogsDirectory",              honoured, to<parse::exec_directory, &E::logs_directory>},
    {"LogsDirectoryMode",          honoured, to_mode<&E::logs_directory>},
    {"ConfigurationDirectory",     honoured,
     to<parse::plain_exec_directory, &E::configuration_directory>},
    {"ConfigurationDirectoryMode", honoured, to_mode<&E::configuration_directory>},
    {"RuntimeDirectoryPreserve",   honoured, preserve},
    // clang-format on
});

// systemd.kill(5), OPTIONS.
constexpr auto kill_table = std::to_array<Directive>({
    // clang-format off
    {"KillMode",          honoured, kill_mode},
    {"KillSignal",        honoured, to_kill<parse::signal, &unit::KillSettings::kill_signal>},
    {"RestartKillSignal", honoured, to_kill<parse::optional_signal, &unit::KillSettings::restart_signal>},
    {"FinalKillSignal",   honoured, to_kill<parse::signal, &unit::KillSettings::final_signal>},
    {"WatchdogSignal",    honoured, to_kill<parse::signal, &unit::KillSettings::watchdog_signal>},
    {"SendSIGKILL",       honoured, to_kill<parse::boolean, &unit::KillSettings::send_sigkill>},
    {"SendSIGHUP",        honoured, to_kill<parse::boolean, &unit::KillSettings::send_sighup>},
    // clang-format on
});

}  // namespace

const std::span<const Directive> exec_directives = exec_table;
const std::span<const Directive> kill_directives = kill_table;

}  // namespace notifybridge::directive
