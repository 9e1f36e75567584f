#pragma once

#include <sys/resource.h>

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/command.hpp"
#include "unit/environment.hpp"
#include "util/rare.hpp"
#include "util/time_span.hpp"

/// What unit files say, typed, with systemd's defaults for what they do not say. The names are
/// those of the directives. An optional that is empty has a default that depends on others; see
/// complete.hpp.
namespace notifybridge::unit {

using util::Rare;
using util::TimeSpan;
using Names = std::vector<std::string>;
using Paths = std::vector<std::string>;

/// Dependencies as written: directives of the same meaning under both names are one.
enum class Dependency : std::uint8_t {
    requires_unit,
    requisite,
    wants,
    binds_to,
    upholds,
    conflicts,
    before,
    after,
    on_success,
    on_failure,
    propagates_reload_to,
    reload_propagated_from,
    propagates_stop_to,
    stop_propagated_from,
    part_of,
    joins_namespace_of,
    count,
};

/// The directive's name.
std::string_view to_string(Dependency dependency) noexcept;

enum class JobMode : std::uint8_t {
    fail,
    replace,
    replace_irreversibly,
    isolate,
    flush,
    ignore_dependencies,
    ignore_requirements,
    triggering,
    restart_dependencies,
};

/// What is done with the whole system (systemd.unit(5), FailureAction=).
enum class EmergencyAction : std::uint8_t {
    none,
    reboot,
    reboot_force,
    reboot_immediate,
    poweroff,
    poweroff_force,
    poweroff_immediate,
    exit,
    exit_force,
};

struct Condition {
    std::string type;         ///< "PathExists" of ConditionPathExists= and AssertPathExists=.
    std::string parameter;    ///< A path is absolute.
    bool is_trigger = false;  ///< "|": one of these has to hold.
    bool is_negated = false;  ///< "!"
};

/// Those that were tested in vain. They are part of the settings that they were read to.
using UnmetConditions = std::vector<const Condition*>;

enum class CollectMode : std::uint8_t { inactive, inactive_or_failed };

/// The names under each kind of dependency. A unit has few kinds of all.
class DependencyNames {
public:
    /// To be changed; void when that of another kind is asked for.
    Names& operator[](Dependency kind);
    const Names& operator[](Dependency kind) const;

private:
    struct Written {
        Dependency kind;
        Names names;
    };

    std::vector<Written> all_;
};

struct UnitSettings {
    std::string description;  ///< Empty: the name of the unit.
    Rare<Names> documentation;
    Rare<std::string> source_path;
    DependencyNames dependencies;
    Rare<Paths> requires_mounts_for;
    bool stop_when_unneeded = false;
    bool refuse_manual_start = false;
    bool refuse_manual_stop = false;
    bool allow_isolate = false;
    bool default_dependencies = true;
    bool ignore_on_isolate = false;
    JobMode on_success_job_mode = JobMode::fail;
    JobMode on_failure_job_mode = JobMode::replace;
    TimeSpan job_timeout = util::infinity;
    std::optional<TimeSpan> job_running_timeout;
    Rare<std::string> job_timeout_reboot_argument;
    TimeSpan start_limit_interval = std::chrono::seconds(10);
    unsigned start_limit_burst = 5;
    CollectMode collect_mode = CollectMode::inactive;
    EmergencyAction job_timeout_action = EmergencyAction::none;
    EmergencyAction start_limit_action = EmergencyAction::none;
    EmergencyAction failure_action = EmergencyAction::none;
    EmergencyAction success_action = EmergencyAction::none;
    std::optional<std::uint8_t> failure_action_exit_status;
    std::optional<std::uint8_t> success_action_exit_status;
    Rare<std::string> reboot_argument;
    Rare<std::vector<Condition>> conditions;
    Rare<std::vector<Condition>> asserts;
};

struct InstallSettings {
    Names alias;
    Names wanted_by;
    Names required_by;
    Names upheld_by;
    Names also;
    std::string default_instance;
};

enum class ServiceType : std::uint8_t {
    simple,
    exec,
    forking,
    oneshot,
    dbus,
    notify,
    notify_reload,
    idle
};
enum class ExitType : std::uint8_t { main, cgroup };
enum class Restart : std::uint8_t {
    no,
    on_success,
    on_failure,
    on_abnormal,
    on_watchdog,
    on_abort,
    always
};
enum class RestartMode : std::uint8_t { normal, direct };
enum class NotifyAccess : std::uint8_t { none, all, exec, main };
enum class TimeoutFailureMode : std::uint8_t { terminate, abort, kill };
enum class OomPolicy : std::uint8_t { unset, continue_running, stop, kill };

/// Exit statuses and signals, by their numbers.
struct ExitStatusSet {
    std::bitset<256> statuses;
    std::bitset<65> signals;
};

using Commands = std::vector<Command>;

struct ServiceSettings {
    std::optional<ServiceType> type;
    ExitType exit_type = ExitType::main;
    Restart restart = Restart::no;
    RestartMode restart_mode = RestartMode::normal;
    TimeoutFailureMode timeout_start_failure_mode = TimeoutFailureMode::terminate;
    TimeoutFailureMode timeout_stop_failure_mode = TimeoutFailureMode::terminate;
    std::optional<NotifyAccess> notify_access;
    OomPolicy oom_policy = OomPolicy::unset;
    bool permissions_start_only = false;
    bool root_directory_start_only = false;
    bool remain_after_exit = false;
    bool guess_main_pid = true;
    bool non_blocking = false;
    int reload_signal = 1;  ///< SIGHUP
    unsigned restart_steps = 0;
    unsigned file_descriptor_store_max = 0;
    Rare<Commands> exec_condition;
    Rare<Commands> exec_start_pre;
    Rare<Commands> exec_start;
    Rare<Commands> exec_start_post;
    Rare<Commands> exec_reload;
    Rare<Commands> exec_stop;
    Rare<Commands> exec_stop_post;
    Rare<std::string> pid_file;
    Rare<std::string> bus_name;
    TimeSpan restart_delay = std::chrono::milliseconds(100);
    TimeSpan restart_max_delay = util::infinity;
    std::optional<TimeSpan> timeout_start;
    TimeSpan timeout_stop = std::chrono::seconds(90);
    std::optional<TimeSpan> timeout_abort;
    TimeSpan runtime_max = util::infinity;
    TimeSpan runtime_randomized_extra = TimeSpan::zero();
    TimeSpan watchdog = TimeSpan::zero();
    Rare<ExitStatusSet> restart_prevent_exit_status;
    Rare<ExitStatusSet> restart_force_exit_status;
    Rare<ExitStatusSet> success_exit_status;
    Rare<Names> sockets;
};

enum class ListenType : std::uint8_t {
    stream,
    datagram,
    sequential_packet,
    fifo,
    netlink,
    special
};
enum class BindIpv6Only : std::uint8_t { default_of_system, both, ipv6_only };
enum class SocketProtocol : std::uint8_t { unset, udplite, sctp };
enum class Timestamping : std::uint8_t { off, us, ns };

struct Listen {
    ListenType type;
    std::string address;  ///< As written, specifiers replaced; valid for its type.

    bool operator==(const Listen&) const = default;
};

struct SocketSettings {
    std::vector<Listen> listen;
    SocketProtocol protocol = SocketProtocol::unset;
    BindIpv6Only bind_ipv6_only = BindIpv6Only::default_of_system;
    unsigned backlog = 0x7FFFFFFF;
    std::string bind_to_device;
    Commands exec_start_pre;
    Commands exec_start_post;
    Commands exec_stop_pre;
    Commands exec_stop_post;
    TimeSpan timeout = std::chrono::seconds(90);
    std::string user;
    std::string group;
    mode_t socket_mode = 0666;
    mode_t directory_mode = 0755;
    bool accept = false;
    bool flush_pending = false;
    bool writable = false;
    unsigned max_connections = 64;
    unsigned max_connections_per_source = 0;
    bool keep_alive = false;
    TimeSpan keep_alive_time = TimeSpan::zero();
    TimeSpan keep_alive_interval = TimeSpan::zero();
    unsigned keep_alive_probes = 0;
    TimeSpan defer_accept = TimeSpan::zero();
    bool no_delay = false;
    std::optional<int> priority;
    std::uint64_t receive_buffer = 0;
    std::uint64_t send_buffer = 0;
    std::optional<int> ip_tos;
    std::optional<int> ip_ttl;
    std::optional<int> mark;
    std::uint64_t pipe_size = 0;
    bool free_bind = false;
    bool transparent = false;
    bool broadcast = false;
    bool pass_credentials = false;
    bool pass_security = false;
    bool pass_packet_info = false;
    Timestamping timestamping = Timestamping::off;
    std::string tcp_congestion;
    bool reuse_port = false;
    bool remove_on_stop = false;
    Paths symlinks;
    std::string file_descriptor_name;  ///< A connection's is "connection", whatever this is.
    std::string service;
    std::optional<TimeSpan> trigger_limit_interval;
    std::optional<unsigned> trigger_limit_burst;
    std::optional<TimeSpan> poll_limit_interval;
    std::optional<unsigned> poll_limit_burst;
};

enum class InputKind : std::uint8_t { null, tty, tty_force, tty_fail, socket, fd, data, file };
enum class OutputKind : std::uint8_t {
    inherit,  ///< As the input, or, of the error output, as the output.
    null,
    tty,
    journal,
    journal_and_console,
    kmsg,
    kmsg_and_console,
    socket,
    fd,
    file,
    append,
    truncate,
};

struct Input {
    InputKind kind = InputKind::null;
    std::string name;  ///< Of the descriptor, or the path.
};
struct Output {
    OutputKind kind = OutputKind::inherit;
    std::string name;
    bool is_default = false;  ///< Nobody asked for it.
};

/// RuntimeDirectory= and its sisters: relative to the directory of their kind.
struct ExecDirectory {
    std::string path;
    Paths symlinks;
};
struct ExecDirectories {
    std::vector<ExecDirectory> directories;
    mode_t mode = 0755;
};
enum class PreserveMode : std::uint8_t { no, yes, restart };

struct EnvironmentFile {
    std::string path;  ///< May have wildcards.
    bool may_be_missing = false;
};

/// By RLIMIT_ numbers.
using Limits = std::array<std::optional<rlimit>, RLIM_NLIMITS>;

struct ExecSettings {
    std::string working_directory;  ///< "~" is the user's home; empty the root directory.
    bool working_directory_may_be_missing = false;
    std::string user;
    std::string group;
    Names supplementary_groups;
    std::optional<int> nice;
    std::optional<int> oom_score_adjust;
    std::optional<int> cpu_scheduling_policy;  ///< SCHED_…
    int cpu_scheduling_priority = 0;
    bool cpu_scheduling_reset_on_fork = false;
    std::optional<int> io_scheduling_class;  ///< As of ioprio_set(2); so is the next.
    std::optional<int> io_scheduling_priority;
    std::optional<std::uint64_t> timer_slack;  ///< Nanoseconds.
    mode_t umask = 0022;
    Environment environment;
    std::vector<EnvironmentFile> environment_files;
    Names pass_environment;
    Names unset_environment;
    Input standard_input;
    Output standard_output = {OutputKind::journal, {}, true};
    Output standard_error;
    std::string standard_input_data;  ///< Of StandardInputText= and StandardInputData=.
    bool syslog_level_prefix = true;  ///< "<3>" before a line of the output is its priority.
    std::string tty_path;
    bool tty_reset = false;
    bool tty_vhangup = false;
    Rare<Limits> limits;
    std::optional<std::uint64_t> capability_bounding_set;  ///< Bits by capabilities' numbers.
    std::uint64_t ambient_capabilities = 0;
    int secure_bits = 0;
    bool no_new_privileges = false;
    bool private_devices = false;         ///< For what it takes from the bounding set.
    bool protect_kernel_modules = false;  ///< The same, as the next two.
    bool protect_kernel_logs = false;
    bool protect_clock = false;
    bool ignore_sigpipe = true;
    Rare<ExecDirectories> runtime_directory;
    Rare<ExecDirectories> state_directory;
    Rare<ExecDirectories> cache_directory;
    Rare<ExecDirectories> logs_directory;
    Rare<ExecDirectories> configuration_directory;
    PreserveMode runtime_directory_preserve = PreserveMode::no;
    Paths exec_search_path;
};

enum class KillMode : std::uint8_t { control_group, process, mixed, none };

struct KillSettings {
    KillMode mode = KillMode::control_group;
    int kill_signal = 15;               ///< SIGTERM
    std::optional<int> restart_signal;  ///< kill_signal where it is not set.
    int final_signal = 9;               ///< SIGKILL
    int watchdog_signal = 6;            ///< SIGABRT
    bool send_sigkill = true;
    bool send_sighup = false;
};

/// All that the files of one unit say; what its type does not have is as it was made.
struct Settings {
    UnitSettings unit;
    Rare<InstallSettings> install;
    ServiceSettings service;
    Rare<SocketSettings> socket;
    Rare<ExecSettings> exec;
    Rare<KillSettings> kill;
};

/// Class and priority in one, as ioprio_set(2) has them, with systemd's defaults.
int io_priority(const ExecSettings& exec) noexcept;

}  // namespace notifybridge::unit
