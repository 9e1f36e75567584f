#pragma once

#include <chrono>
#include <optional>

#include "base/process/spawn.hpp"
#include "bridge/relay/fd_lane.hpp"

/// Passes to the command what the service manager gave to us or to `wait`.
namespace notifybridge::wrap {

/// The process that must ping the watchdog, according to the command's environment.
enum class WatchdogPid {
    none,     ///< Any descendant of the command may ping: WATCHDOG_PID is not set.
    command,  ///< The command must ping: WATCHDOG_PID is its pid.
};

/// Makes the command ping a watchdog with this period, or none (sd_watchdog_enabled(3)).
void pass_watchdog(process::Command& command, std::optional<std::chrono::microseconds> period,
                   WatchdogPid pid);

/// Gives the command the descriptors that `wait` passed on. If there are none, gives it those that
/// were passed to us, with the same numbers (sd_listen_fds(3)). `handed_in` must exist until the
/// command is started.
void pass_listen_fds(process::Command& command, const relay::NamedFds& handed_in);

/// Closes our standard input and output, and all descriptors that we were given for the command.
/// Call this when the command has its own copies: while ours are open, nobody can see that the
/// command has closed its own. `needs_output` keeps the output. A terminal stays open, because we
/// need it to take back the foreground. Throws std::system_error.
void let_go_of_descriptors(bool needs_output);

}  // namespace notifybridge::wrap
