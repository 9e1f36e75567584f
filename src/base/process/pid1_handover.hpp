#pragma once

#include <string>
#include <vector>

#include "base/process/environment.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Whether `command` is an init, such as systemd or s6-overlay's /init, which runs as PID 1 alone.
bool needs_pid1(const std::vector<std::string>& command);

/// The signal by which such an init ends in order: SIGRTMIN+3 for systemd, else SIGTERM.
int stop_signal_of_pid1(const std::vector<std::string>& command);

/// Hands PID 1 over to such a command, with what this process has inherited. This process goes on
/// as a child of it, in a session of its own, and ends with it at the latest.
class Pid1Handover {
public:
    /// To be called by PID 1 before it has made a loop. Returns in the child only; until `execute`
    /// PID 1 waits for that, and ends with the child's status where it does not come to it.
    explicit Pid1Handover(const std::vector<std::string>& command);

    /// Has PID 1 execute the command with this environment. Throws std::system_error where that
    /// cannot be.
    void execute(const Environment& environment);

private:
    system::UniqueFd channel_;
};

}  // namespace notifybridge::process
