#pragma once

#include <signal.h>

#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "base/process/clone.hpp"
#include "base/process/environment.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::process {

/// What to run, and how it starts out.
struct Command {
    std::vector<std::string> arguments;  ///< At least one: the program, looked up in PATH.
    Environment environment;
    /// Variables that get the command's own pid, in its own pid namespace, as their value.
    std::vector<std::string> pid_variables;
    sigset_t signal_mask{};
    system::Fd input;   ///< Its standard input, where that is not ours.
    system::Fd output;  ///< Its standard output, where that is not ours.
    system::Fd error;   ///< Its standard error, where that is not ours.
    /// What the command gets as descriptors 3, 4, ..., where that is not what we inherited.
    std::vector<system::Fd> passed_fds;
    /// What it gets as descriptors of these numbers, which are above those of `passed_fds`.
    std::map<int, system::Fd> placed_fds;
    bool own_process_group = false;
    system::Fd terminal;  ///< Whose foreground the command's process group becomes, if any.
};

/// Starts `command`. Signals that we were started with as ignored stay so. Throws std::system_error
/// with execve's errno where it cannot be run, and of clone(2) where there can be no process.
Child spawn(const Command& command);

/// The exit status for a command that could not be started: 127 where it was not found, else 126.
int spawn_failure_status(const std::error_code& error);

}  // namespace notifybridge::process
