#pragma once

#include <signal.h>
#include <sys/wait.h>

#include <string>

#include "base/process/exit_status.hpp"
#include "base/process/spawn.hpp"

/// Functions for tests that start real processes.
namespace notifybridge::process {

inline Command shell(const std::string& script) {
    Command command;
    command.arguments = {"sh", "-c", script};
    command.environment = Environment::inherited();
    ::sigemptyset(&command.signal_mask);
    return command;
}

/// Waits until `child` ends, and reaps it.
inline ExitStatus end_of(const Child& child) {
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(child.pidfd.get()), &info, WEXITED);
    return ExitStatus::of(info);
}

}  // namespace notifybridge::process
