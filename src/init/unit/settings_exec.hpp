#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "init/unit/environment.hpp"
#include "init/unit/settings_values.hpp"

/// How processes are run and ended. Services and sockets share these settings (systemd.exec(5),
/// systemd.kill(5)).
namespace notifybridge::unit {

enum class InputKind : std::uint8_t { null, tty, tty_force, tty_fail, socket, fd, data, file };
enum class OutputKind : std::uint8_t {
    inherit,  ///< Output uses the descriptor of input; errors use the descriptor of output.
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
    Rare<std::string> name{};  ///< The name of the descriptor, or the path.
};
struct Output {
    OutputKind kind = OutputKind::inherit;
    bool is_default = false;  ///< No line sets it.
    Rare<std::string> name{};
};

/// A directory of RuntimeDirectory= and similar directives, relative to the directory of its kind.
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
    std::string path;  ///< May contain wildcards.
    bool may_be_missing = false;
};

/// Indexed by RLIMIT_ numbers.
using Limits = std::array<std::optional<rlimit>, RLIM_NLIMITS>;

struct ExecSettings {
    std::string working_directory;  ///< "~" is the user's home; empty means the root directory.
    bool working_directory_may_be_missing = false;
    Rare<std::string> root_directory;  ///< Empty: our root directory.
    std::optional<bool> mount_api_vfs;
    /// A directive that we do not support and that the unit cannot do without: its commands are not
    /// started. Empty for most units.
    std::string_view prevented_by;
    std::string user;
    std::string group;
    bool dynamic_user = false;  ///< User= and Group= are set then, and need not exist in a file.
    Rare<Names> supplementary_groups;
    std::optional<int> nice;
    std::optional<int> oom_score_adjust;
    std::optional<int> cpu_scheduling_policy;  ///< SCHED_…
    int cpu_scheduling_priority = 0;
    bool cpu_scheduling_reset_on_fork = false;
    std::optional<int> io_scheduling_class;  ///< A value of ioprio_set(2), like the next member.
    std::optional<int> io_scheduling_priority;
    std::optional<std::uint64_t> timer_slack;  ///< Nanoseconds.
    mode_t umask = 0022;
    Environment environment;
    Rare<std::vector<EnvironmentFile>> environment_files;
    Rare<Names> pass_environment;
    Rare<Names> unset_environment;
    Input standard_input;
    Output standard_output = {.kind = OutputKind::journal, .is_default = true};
    Output standard_error;
    Rare<std::string> standard_input_data;  ///< From StandardInputText= and StandardInputData=.
    Rare<std::string> syslog_identifier;
    bool syslog_level_prefix = true;  ///< "<3>" before a line of the output sets its priority.
    Rare<std::string> tty_path;
    bool tty_reset = false;
    bool tty_vhangup = false;
    Rare<Limits> limits;
    std::optional<std::uint64_t> capability_bounding_set;  ///< A bit for each capability.
    std::uint64_t ambient_capabilities = 0;
    int secure_bits = 0;
    bool no_new_privileges = false;
    bool private_devices = false;         ///< Only for what it removes from the bounding set.
    bool protect_kernel_modules = false;  ///< Likewise, as are the next two.
    bool protect_kernel_logs = false;
    bool protect_clock = false;
    bool private_tmp = false;  ///< Only for the dependencies that it implies.
    bool delegate = false;     ///< Only for the default of OOMPolicy=.
    bool ignore_sigpipe = true;
    Rare<ExecDirectories> runtime_directory;
    Rare<ExecDirectories> state_directory;
    Rare<ExecDirectories> cache_directory;
    Rare<ExecDirectories> logs_directory;
    Rare<ExecDirectories> configuration_directory;
    PreserveMode runtime_directory_preserve = PreserveMode::no;
    Rare<Paths> exec_search_path;
};

/// Returns whether RootDirectory= differs from our root directory.
inline bool has_own_root(const ExecSettings& exec) noexcept {
    return !exec.root_directory->empty() && *exec.root_directory != "/";
}

/// Returns class and priority in one number as ioprio_set(2) takes them, with systemd's defaults.
int io_priority(const ExecSettings& exec) noexcept;

enum class KillMode : std::uint8_t { control_group, process, mixed, none };

struct KillSettings {
    KillMode mode = KillMode::control_group;
    int kill_signal = 15;               ///< SIGTERM
    std::optional<int> restart_signal;  ///< kill_signal if it is not set.
    int final_signal = 9;               ///< SIGKILL
    int watchdog_signal = 6;            ///< SIGABRT
    bool send_sigkill = true;
    bool send_sighup = false;
};

}  // namespace notifybridge::unit
