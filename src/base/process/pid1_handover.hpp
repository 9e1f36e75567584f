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

/// The replacement of this process by the command as PID 1. The command gets everything that this
/// process inherited. We continue as a child of PID 1 in a new session, and end no later than PID
/// 1.
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
