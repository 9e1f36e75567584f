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

}  // namespace notifybridge::wrap
