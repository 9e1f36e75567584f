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

/// A program to run, and the state that it starts with.
struct Command {
    std::vector<std::string> arguments;  ///< At least one: the program, looked up in PATH.
    Environment environment;
    /// Variables that are set to the command's own pid in its own pid namespace.
    std::vector<std::string> pid_variables;
    sigset_t signal_mask{};
    system::Fd input;   ///< Its standard input; ours if empty.
    system::Fd output;  ///< Its standard output; ours if empty.
    system::Fd error;   ///< Its standard error; ours if empty.
    /// The command's descriptors 3, 4, …; if empty, it inherits ours.
    std::vector<system::Fd> passed_fds;
    /// More descriptors by number, above those of `passed_fds`.
    std::map<int, system::Fd> placed_fds;
    bool own_process_group = false;
    system::Fd terminal;  ///< If set, the command's process group becomes its foreground.
};

/// Starts `command`. Signals that were ignored at our start stay ignored. Throws std::system_error
/// with execve's errno if it cannot run, or clone(2)'s if there can be no process.
Child spawn(const Command& command);

/// Returns the exit status for a command that could not start: 127 if not found, else 126.
int spawn_failure_status(const std::error_code& error);

}  // namespace notifybridge::process
