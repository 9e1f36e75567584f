#pragma once

#include <string>
#include <vector>

#include "base/process/environment.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Returns whether `command` is an init that runs only as PID 1, such as systemd or s6-overlay's
/// /init.
bool needs_pid1(const std::vector<std::string>& command);

/// Returns the signal that asks the init in `command` to stop: SIGRTMIN+3 for systemd, otherwise
/// SIGTERM.
int stop_signal_of_pid1(const std::vector<std::string>& command);

/// A handover of PID 1 to the command: PID 1 executes the command, which gets all that PID 1
/// inherited. This program continues as a child of PID 1 in a new session. When PID 1 ends, the
/// kernel also ends this program (pid_namespaces(7)).
class Pid1Handover {
public:
    /// Forks, and returns only in the child. Call this as PID 1, before a loop exists. PID 1 waits
    /// for `execute`. If the child ends before that, PID 1 exits with the child's status.
    explicit Pid1Handover(const std::vector<std::string>& command);

    /// Lets PID 1 execute the command with `environment`. Throws std::system_error if this fails.
    void execute(const Environment& environment);

private:
    system::UniqueFd channel_;
};

}  // namespace notifybridge::process
