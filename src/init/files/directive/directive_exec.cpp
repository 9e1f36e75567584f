#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/system/file.hpp"
#include "base/system/limits.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/directive_entry.hpp"
#include "init/files/unit/value.hpp"

/// The directives of systemd.exec(5) that have a member in ExecSettings (except PrivateTmp=), and
/// the directives of systemd.kill(5). init/answers/properties/process_properties has the order of
/// the properties. Units inherit limits and niceness from the manager, so `show` prints the
/// manager's own values if a unit sets none. For open files, `show` prints the manager's original
/// limit.
namespace notifybridge::directive {
namespace exec_rows {

using E = unit::ExecSettings;
using unit::KillSettings;
using util::concat;

template <auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field to = field<&unit::Settings::exec, Member, Read, Print>;

template <auto Member, auto Read = by_type, auto Print = by_type>
constexpr Field to_kill = field<&unit::Settings::kill, Member, Read, Print>;

void read_mode(unit::Line& line, unit::ExecDirectories& directories) {
    parse::mode(line, directories.mode);
}

void show_mode(const Property& property, const unit::ExecDirectories& directories) {
    print::octal(property, directories.mode);
}

template <auto Directories>
constexpr Field to_mode = to<Directories, read_mode, show_mode>;

template <auto Directories>
constexpr Field symlinks_of = {nullptr,
                               print_member<&unit::Settings::exec, Directories, print::symlinks>};

void preserve(unit::Line& line, unit::PreserveMode& setting) {
    if (const auto keeps = unit::parse_boolean(line.value()))
        setting = *keeps ? unit::PreserveMode::yes : unit::PreserveMode::no;
    else
        parse::choice<choices::preserve_mode>(line, setting);
}

/// Reads KillMode=. Unlike for most enumerations, an empty value resets this setting.
void kill_mode(unit::Line& line, unit::KillMode& setting) {
    if (line.value().empty())
        setting = unit::KillMode::control_group;
    else
        parse::choice<choices::kill_mode>(line, setting);
    if (line.value() == "none")
        line.remark(
            "after a stop, processes of the unit keep running, and no service manager watches "
            "them; set KillMode=mixed to end them");
}

std::string limit_text(rlim_t limit) {
    return limit == RLIM_INFINITY ? "infinity" : concat(limit);
}

void show_limit(const Property& property, std::size_t resource) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
    if (resource == RLIMIT_NOFILE)
        limit = system::inherited_open_files_limit();
    limit = (*property.settings.exec->limits)[resource].value_or(limit);
    property.is(limit_text(limit.rlim_max));
    property.add(concat(property.name, "Soft"), limit_text(limit.rlim_cur));
}

using parse::LimitUnit;

template <std::size_t Resource, LimitUnit Unit>
void read_limit(unit::Line& line) {
    parse::limit(line, Unit, line.settings().exec.edit().limits.edit()[Resource]);
}

template <std::size_t Resource>
void show_limit_of(const Property& property) {
    show_limit(property, Resource);
}

template <std::size_t Resource, LimitUnit Unit>
constexpr Field limit = {read_limit<Resource, Unit>, show_limit_of<Resource>};

void show_working_directory(const Property& property) {
    const E& exec = property.settings.exec;
    property.is(concat(exec.working_directory_may_be_missing ? "!" : "", exec.working_directory));
}

void show_mount_api_vfs(const Property& property) {
    const E& exec = property.settings.exec;
    print::value(property, exec.mount_api_vfs.value_or(unit::has_own_root(exec)));
}

void show_oom_score_adjust(const Property& property, std::optional<int> score) {
    if (!score) {
        const std::string own = system::text_of("/proc/self/oom_score_adj");
        score = util::parse_number<int>(own.substr(0, own.find('\n')));
    }
    print::value(property, score.value_or(0));
}

void show_nice(const Property& property, std::optional<int> nice) {
    print::value(property, nice ? *nice : ::getpriority(PRIO_PROCESS, 0));
}

void show_io_class(const Property& property) {
    print::value(property, unit::io_priority(property.settings.exec) >> 13);
}

void show_io_priority(const Property& property) {
    print::value(property, unit::io_priority(property.settings.exec) & 7);
}

void show_cpu_policy(const Property& property) {
    print::value(property, property.settings.exec->cpu_scheduling_policy.value_or(SCHED_OTHER));
}

void show_timer_slack(const Property& property, std::optional<std::uint64_t> slack) {
    property.is(concat(slack ? static_cast<std::int64_t>(*slack) : ::prctl(PR_GET_TIMERSLACK)));
}

void show_environment_files(const Property& property) {
    for (const unit::EnvironmentFile& file : *property.settings.exec->environment_files)
        property.is(concat(file.path, " (ignore_errors=", to_property(file.may_be_missing), ')'));
}

/// Prints NonBlocking=. Both services and sockets have this property, but only services have the
/// directive.
void show_non_blocking(const Property& property) {
    print::value(property, property.settings.service.non_blocking);
}

void show_bounding_set(const Property& property, std::optional<std::uint64_t> set) {
    print::capabilities(property, set.value_or(~std::uint64_t(0)));
}

void show_restart_signal(const Property& property) {
    const KillSettings& kill = property.settings.kill;
    print::value(property, kill.restart_signal.value_or(kill.kill_signal));
}

std::span<const Row> exec_table() {
    static const Row rows[] = {
        // clang-format off
        {"Environment",                honoured, to<&E::environment, parse::environment>},
        {"EnvironmentFile",            honoured, to<&E::environment_files, by_type, unseen>},
        {"EnvironmentFiles",           shown, show_environment_files},
        {"PassEnvironment",            honoured, to<&E::pass_environment, parse::variable_names>},
        {"UnsetEnvironment",           honoured,
         to<&E::unset_environment, parse::variables_to_unset>},
        {"UMask",                      honoured, to<&E::umask, parse::mode, print::octal>},
        {"LimitCPU",                   honoured, limit<RLIMIT_CPU, LimitUnit::seconds>},
        {"LimitFSIZE",                 honoured, limit<RLIMIT_FSIZE, LimitUnit::bytes>},
        {"LimitDATA",                  honoured, limit<RLIMIT_DATA, LimitUnit::bytes>},
        {"LimitSTACK",                 honoured, limit<RLIMIT_STACK, LimitUnit::bytes>},
        {"LimitCORE",                  honoured, limit<RLIMIT_CORE, LimitUnit::bytes>},
        {"LimitRSS",                   honoured, limit<RLIMIT_RSS, LimitUnit::bytes>},
        {"LimitNOFILE",                honoured, limit<RLIMIT_NOFILE, LimitUnit::count>},
        {"LimitAS",                    honoured, limit<RLIMIT_AS, LimitUnit::bytes>},
        {"LimitNPROC",                 honoured, limit<RLIMIT_NPROC, LimitUnit::count>},
        {"LimitMEMLOCK",               honoured, limit<RLIMIT_MEMLOCK, LimitUnit::bytes>},
        {"LimitLOCKS",                 honoured, limit<RLIMIT_LOCKS, LimitUnit::count>},
        {"LimitSIGPENDING",            honoured, limit<RLIMIT_SIGPENDING, LimitUnit::count>},
        {"LimitMSGQUEUE",              honoured, limit<RLIMIT_MSGQUEUE, LimitUnit::bytes>},
        {"LimitNICE",                  honoured, limit<RLIMIT_NICE, LimitUnit::niceness>},
        {"LimitRTPRIO",                honoured, limit<RLIMIT_RTPRIO, LimitUnit::count>},
        {"LimitRTTIME",                honoured, limit<RLIMIT_RTTIME, LimitUnit::microseconds>},
        {"WorkingDirectory",           honoured,
         {parse::working_directory, show_working_directory}},
        {"RootDirectory",              honoured, to<&E::root_directory, parse::strict_path>},
        {"OOMScoreAdjust",             honoured,
         to<&E::oom_score_adjust, parse::oom_score_adjust, show_oom_score_adjust>},
        {"Nice",                       honoured, to<&E::nice, parse::nice, show_nice>},
        {"IOSchedulingClass",          honoured, {parse::io_scheduling_class, show_io_class}},
        {"IOSchedulingPriority",       honoured,
         to<&E::io_scheduling_priority, parse::io_scheduling_priority, show_io_priority>},
        {"CPUSchedulingPolicy",        honoured, {parse::cpu_scheduling_policy, show_cpu_policy}},
        {"CPUSchedulingPriority",      honoured,
         to<&E::cpu_scheduling_priority, parse::cpu_scheduling_priority>},
        {"TimerSlackNSec",             honoured,
         to<&E::timer_slack, parse::nanoseconds, show_timer_slack>},
        {"CPUSchedulingResetOnFork",   honoured, to<&E::cpu_scheduling_reset_on_fork>},
        {"NonBlocking",                shown, show_non_blocking},
        {"StandardInput",              honoured, to<&E::standard_input>},
        {"StandardInputText",          honoured,
         to<&E::standard_input_data, parse::input_text, unseen>},
        {"StandardInputData",          honoured,
         to<&E::standard_input_data, parse::input_data, print::base64>},
        {"StandardOutput",             honoured, to<&E::standard_output>},
        {"StandardError",              honoured, to<&E::standard_error>},
        {"TTYPath",                    honoured, to<&E::tty_path, parse::path>},
        {"TTYReset",                   honoured, to<&E::tty_reset>},
        {"TTYVHangup",                 honoured, to<&E::tty_vhangup>},
        {"SyslogIdentifier",           honoured, to<&E::syslog_identifier>},
        {"SyslogLevelPrefix",          honoured, to<&E::syslog_level_prefix>},
        {"SecureBits",                 honoured, to<&E::secure_bits, parse::secure_bits>},
        {"CapabilityBoundingSet",      honoured,
         to<&E::capability_bounding_set, parse::bounding_set, show_bounding_set>},
        {"AmbientCapabilities",        honoured,
         to<&E::ambient_capabilities, parse::capabilities, print::capabilities>},
        {"User",                       honoured, to<&E::user, parse::user_or_group>},
        {"Group",                      honoured, to<&E::group, parse::user_or_group>},
        {"DynamicUser",                honoured, to<&E::dynamic_user, parse::strict_boolean>},
        {"SupplementaryGroups",        honoured,
         to<&E::supplementary_groups, parse::users_or_groups>},
        {"ExecSearchPath",             honoured, to<&E::exec_search_path, parse::search_path>},
        {"PrivateDevices",             protection, to<&E::private_devices>},
        {"ProtectClock",               protection, to<&E::protect_clock>},
        {"ProtectKernelModules",       protection, to<&E::protect_kernel_modules>},
        {"ProtectKernelLogs",          protection, to<&E::protect_kernel_logs>},
        {"IgnoreSIGPIPE",              honoured, to<&E::ignore_sigpipe>},
        {"NoNewPrivileges",            honoured, to<&E::no_new_privileges>},
        {"RuntimeDirectorySymlink",    shown, symlinks_of<&E::runtime_directory>},
        {"RuntimeDirectoryPreserve",   honoured,
         to<&E::runtime_directory_preserve, preserve, choice<choices::preserve_mode>>},
        {"RuntimeDirectoryMode",       honoured, to_mode<&E::runtime_directory>},
        {"RuntimeDirectory",           honoured, to<&E::runtime_directory>},
        {"StateDirectorySymlink",      shown, symlinks_of<&E::state_directory>},
        {"StateDirectoryMode",         honoured, to_mode<&E::state_directory>},
        {"StateDirectory",             honoured, to<&E::state_directory>},
        {"CacheDirectorySymlink",      shown, symlinks_of<&E::cache_directory>},
        {"CacheDirectoryMode",         honoured, to_mode<&E::cache_directory>},
        {"CacheDirectory",             honoured, to<&E::cache_directory>},
        {"LogsDirectorySymlink",       shown, symlinks_of<&E::logs_directory>},
        {"LogsDirectoryMode",          honoured, to_mode<&E::logs_directory>},
        {"LogsDirectory",              honoured, to<&E::logs_directory>},
        {"ConfigurationDirectoryMode", honoured, to_mode<&E::configuration_directory>},
        {"ConfigurationDirectory",     honoured,
         to<&E::configuration_directory, parse::plain_exec_directory>},
        {"MountAPIVFS",                unsupported,
         to<&E::mount_api_vfs, by_type, show_mount_api_vfs>},
        // clang-format on
    };
    return rows;
}

// The directives of systemd.kill(5), OPTIONS.
std::span<const Row> kill_table() {
    static const Row rows[] = {
        // clang-format off
        {"KillMode",          honoured,
         to_kill<&KillSettings::mode, kill_mode, choice<choices::kill_mode>>},
        {"KillSignal",        honoured, to_kill<&KillSettings::kill_signal, parse::signal>},
        {"RestartKillSignal", honoured,
         to_kill<&KillSettings::restart_signal, parse::optional_signal, show_restart_signal>},
        {"FinalKillSignal",   honoured, to_kill<&KillSettings::final_signal, parse::signal>},
        {"SendSIGKILL",       honoured, to_kill<&KillSettings::send_sigkill>},
        {"SendSIGHUP",        honoured, to_kill<&KillSettings::send_sighup>},
        {"WatchdogSignal",    honoured, to_kill<&KillSettings::watchdog_signal, parse::signal>},
        // clang-format on
    };
    return rows;
}

}  // namespace exec_rows

std::span<const Row> exec_directives() {
    return exec_rows::exec_table();
}
std::span<const Row> kill_directives() {
    return exec_rows::kill_table();
}

}  // namespace notifybridge::directive
