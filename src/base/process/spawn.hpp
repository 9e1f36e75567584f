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
    std::vector<std::string> arguments;  ///< The program, looked up in PATH, and its arguments.
    Environment environment;
    /// The names of variables that get the command's pid as their value. This is the pid that the
    /// command itself sees, in its own pid namespace.
    std::vector<std::string> pid_variables;
    sigset_t signal_mask{};
    system::Fd input;   ///< The command's standard input; if empty, inherited.
    system::Fd output;  ///< The command's standard output; if empty, inherited.
    system::Fd error;   ///< The command's standard error; if empty, inherited.
    /// The command's descriptors 3, 4, …; if empty, the command inherits our descriptors.
    std::vector<system::Fd> passed_fds;
    /// More descriptors by number. All numbers are above those of `passed_fds`.
    std::map<int, system::Fd> placed_fds;
    bool own_process_group = false;
    /// If this is not empty, the command's process group becomes the foreground process group of
    /// this terminal.
    system::Fd terminal;
};

/// Starts `command`. Signals that were ignored at our start stay ignored in the command. Throws
/// std::system_error with the errno of execve(2), or of clone(2) if no process can be created.
Child spawn(const Command& command);

/// Returns the exit status for a command that could not start: 127 if it was not found, else 126.
int spawn_failure_status(const std::error_code& error);

}  // namespace notifybridge::process
