#pragma once

#include <string>
#include <string_view>

/// Starts the processes of units: sets the user, the environment and the descriptors of a process,
/// and executes the program.
namespace notifybridge::execute {

/// The steps that a new process performs before its program runs. The value of a step is the exit
/// status of the process if the step fails (systemd.exec(5), PROCESS EXIT CODES).
enum class Step {
    none = 0,
    chdir = 200,
    nice = 201,
    fds = 202,
    exec = 203,
    limits = 205,
    oom_adjust = 206,
    signal_mask = 207,
    standard_input = 208,
    standard_output = 209,
    chroot = 210,
    io_priority = 211,
    timer_slack = 212,
    secure_bits = 213,
    scheduler = 214,
    group = 216,
    user = 217,
    capabilities = 218,
    cgroup = 219,
    setsid = 220,
    standard_error = 222,
    network = 225,
    name_space = 226,
    no_new_privileges = 227,
    runtime_directory = 233,
    state_directory = 238,
    cache_directory = 239,
    logs_directory = 240,
    configuration_directory = 241,
};

/// Returns the name of the step in systemd's messages: "CHDIR", "EXEC".
std::string_view to_string(Step step) noexcept;

/// The step that failed, and the reason as an errno value.
struct Failure {
    Step step = Step::none;
    int error = 0;

    explicit operator bool() const noexcept { return step != Step::none; }
    bool operator==(const Failure&) const = default;
};

/// Returns systemd's log message: "Failed at step EXEC spawning /bin/x: No such file or directory".
/// Appends what the program's file shows about the reason, if execve(2) failed.
std::string describe(const Failure& failure, std::string_view path);

}  // namespace notifybridge::execute
