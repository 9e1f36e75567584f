#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "init/files/unit/environment.hpp"
#include "init/files/unit/kept_values.hpp"
#include "init/files/unit/settings_values.hpp"

/// The settings that define how processes run and how they are ended. Services and sockets share
/// these settings (systemd.exec(5), systemd.kill(5)).
namespace notifybridge::unit {

enum class InputKind : std::uint8_t { null, tty, tty_force, tty_fail, socket, fd, data, file };
enum class OutputKind : std::uint8_t {
    inherit,  ///< Output uses the descriptor of input, and errors use the descriptor of output.
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
    Rare<std::string> name{};  ///< The name of the descriptor, or the path of the file.
};
struct Output {
    OutputKind kind = OutputKind::inherit;
    bool is_default = false;  ///< Whether no line sets the stream.
    Rare<std::string> name{};
};

/// A directory of RuntimeDirectory= and similar directives. Its path is relative to the base
/// directory of the directive, such as /run for RuntimeDirectory=.
struct ExecDirectory {
    std::string path;
    Paths symlinks;
};
struct ExecDirectories {
    std::vector<ExecDirectory> directories;
    mode_t mode = 0755;
};
enum class PreserveMode : std::uint8_t { no, yes, restart };
enum class PrivateTmp : std::uint8_t { no, connected, disconnected };

struct EnvironmentFile {
    std::string path;  ///< The path may contain wildcards.
    bool may_be_missing = false;
};

/// The limits by their RLIMIT_ numbers.
using Limits = std::array<std::optional<rlimit>, RLIM_NLIMITS>;

struct ExecSettings {
    /// The path. "~" means the user's home, and an empty text means the root directory.
    std::string working_directory;
    bool working_directory_may_be_missing = false;
    /// The root directory. Empty if the unit uses the manager's root directory.
    Rare<std::string> root_directory;
    std::optional<bool> mount_api_vfs;
    /// The name of a directive that we do not support, although the unit needs it. If set, the
    /// unit's commands are not started. Empty for most units.
    std::string_view prevented_by;
    std::string user;
    std::string group;
    /// The value of DynamicUser=. If true, `user` and `group` are set, and need not be in
    /// /etc/passwd and /etc/group.
    bool dynamic_user = false;
    Rare<Names> supplementary_groups;
    std::optional<int> nice;
    std::optional<int> oom_score_adjust;
    std::optional<int> cpu_scheduling_policy;  ///< The policy as a number SCHED_… of sched(7).
    int cpu_scheduling_priority = 0;
    bool cpu_scheduling_reset_on_fork = false;
    /// The class and the priority as numbers of ioprio_set(2).
    std::optional<int> io_scheduling_class;
    std::optional<int> io_scheduling_priority;
    std::optional<std::uint64_t> timer_slack;  ///< The timer slack in nanoseconds.
    mode_t umask = 0022;
    Environment environment;
    Rare<std::vector<EnvironmentFile>> environment_files;
    Rare<Names> pass_environment;
    Rare<Names> unset_environment;
    Input standard_input;
    Output standard_output = {.kind = OutputKind::journal, .is_default = true};
    Output standard_error;
    /// The data of StandardInputText= and StandardInputData=.
    Rare<std::string> standard_input_data;
    Rare<std::string> syslog_identifier;
    /// Whether "<3>" before a line of the output sets the line's priority.
    bool syslog_level_prefix = true;
    Rare<std::string> tty_path;
    bool tty_reset = false;
    bool tty_vhangup = false;
    Rare<Limits> limits;
    std::optional<std::uint64_t> capability_bounding_set;  ///< One bit for each capability.
    std::uint64_t ambient_capabilities = 0;
    int secure_bits = 0;
    bool no_new_privileges = false;
    // The next four settings only affect the bounding set.
    bool private_devices = false;
    bool protect_kernel_modules = false;
    bool protect_kernel_logs = false;
    bool protect_clock = false;
    PrivateTmp private_tmp = PrivateTmp::no;  ///< A setting that only affects the dependencies.
    /// A setting that only affects the default of OOMPolicy=.
    bool delegate = false;
    bool ignore_sigpipe = true;
    Rare<ExecDirectories> runtime_directory;
    Rare<ExecDirectories> state_directory;
    Rare<ExecDirectories> cache_directory;
    Rare<ExecDirectories> logs_directory;
    Rare<ExecDirectories> configuration_directory;
    PreserveMode runtime_directory_preserve = PreserveMode::no;
    Rare<Paths> exec_search_path;
    Rare<KeptValues> kept;
};

/// Returns whether the unit's root directory differs from the manager's.
inline bool has_own_root(const ExecSettings& exec) noexcept {
    return !exec.root_directory->empty() && *exec.root_directory != "/";
}

/// Returns the class and the priority in one number, in the format of ioprio_set(2). If the class
/// or the priority is not set, uses systemd's default.
int io_priority(const ExecSettings& exec) noexcept;

enum class KillMode : std::uint8_t { control_group, process, mixed, none };

struct KillSettings {
    KillMode mode = KillMode::control_group;
    int kill_signal = 15;               ///< SIGTERM
    std::optional<int> restart_signal;  ///< Defaults to `kill_signal`.
    int final_signal = 9;               ///< SIGKILL
    int watchdog_signal = 6;            ///< SIGABRT
    bool send_sigkill = true;
    bool send_sighup = false;
};

}  // namespace notifybridge::unit
