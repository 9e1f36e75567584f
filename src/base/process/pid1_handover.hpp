#pragma once

#include <string>
#include <vector>

#include "base/process/environment.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::process {

/// Returns whether `command` is an init that runs only as PID 1: systemd, s6-overlay's /init …
bool needs_pid1(const std::vector<std::string>& command);

/// Returns the signal that asks such an init to stop: SIGRTMIN+3 for systemd, else SIGTERM.
int stop_signal_of_pid1(const std::vector<std::string>& command);

/// Makes the command PID 1 in place of this process, with all that this process inherited. This
/// process continues as a child of it, in a session of its own, and ends with it at the latest.
class Pid1Handover {
public:
    /// Call it as PID 1 before creating a loop. Returns only in the child. PID 1 waits for
    /// `execute`, and exits with the child's status if the child ends without calling it.
    explicit Pid1Handover(const std::vector<std::string>& command);

    /// Makes PID 1 execute the command with `environment`. Throws std::system_error if that fails.
    void execute(const Environment& environment);

private:
    system::UniqueFd channel_;
};

}  // namespace notifybridge::process
