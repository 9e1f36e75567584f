#pragma once

#include <chrono>
#include <optional>

#include "base/process/spawn.hpp"
#include "bridge/relay/fd_lane.hpp"

/// Passes to the command what the service manager gave to us or to `wait`.
namespace notifybridge::wrap {

/// Which process the command's environment names as the one that pings the watchdog.
enum class WatchdogPid {
    none,     ///< Any process below the command may be it: WATCHDOG_PID is not set.
    command,  ///< WATCHDOG_PID is the command's.
};

/// Makes the command ping a watchdog with this period, or none: sd_watchdog_enabled(3).
void pass_watchdog(process::Command& command, std::optional<std::chrono::microseconds> period,
                   WatchdogPid pid);

/// Gives the command the descriptors that `wait` passed on, or those that are meant for us, whose
/// numbers it inherits: sd_listen_fds(3). `handed_in` must exist until the command is started.
void pass_listen_fds(process::Command& command, const relay::NamedFds& handed_in);

/// Closes our standard input and output and all descriptors that we were given for the command.
/// Call it once the command has its own: while ours are open, nobody can see that the command
/// closed them. `needs_output` keeps the output. A terminal stays open, because its foreground is
/// taken back through it. Throws std::system_error.
void let_go_of_descriptors(bool needs_output);

}  // namespace notifybridge::wrap
