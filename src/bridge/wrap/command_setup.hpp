#pragma once

#include <chrono>
#include <optional>

#include "base/process/spawn.hpp"
#include "bridge/relay/fd_lane.hpp"

/// What the service manager gave to us, or to `wait`, is for the command.
namespace notifybridge::wrap {

/// Which process the command's environment names as the one that pings the watchdog.
enum class WatchdogPid {
    none,     ///< Any process below the command may be it: WATCHDOG_PID is not set.
    command,  ///< WATCHDOG_PID is the command's.
};

/// Has the command ping a watchdog of this period, or none: sd_watchdog_enabled(3).
void pass_watchdog(process::Command& command, std::optional<std::chrono::microseconds> period,
                   WatchdogPid pid);

/// Gives it the descriptors that `wait` handed in, or those that are meant for us, whose numbers it
/// inherits: sd_listen_fds(3). `handed_in` is to be there when it is started.
void pass_listen_fds(process::Command& command, const relay::NamedFds& handed_in);

/// Gives up our standard input and output and all descriptors that we were started with for the
/// command, once the command has its own: while we had them open as well, nobody would see that the
/// command closed them. `needs_output` keeps the output. A terminal stays, because its foreground
/// is taken back by it. Throws std::system_error.
void let_go_of_descriptors(bool needs_output);

}  // namespace notifybridge::wrap
