#pragma once

#include <chrono>
#include <optional>

#include "base/process/spawn.hpp"
#include "bridge/relay/fd_lane.hpp"

/// Passes the watchdog and the descriptors of the service manager on to the command.
namespace notifybridge::wrap {

/// The process that must ping the watchdog, according to the command's environment.
enum class WatchdogPid {
    none,     ///< Any descendant of the command may ping: WATCHDOG_PID is not set.
    command,  ///< The command must ping: WATCHDOG_PID is its pid.
};

/// Sets the variables that tell the command to ping a watchdog (sd_watchdog_enabled(3)). If
/// `period` is nullopt, removes these variables.
void pass_watchdog(process::Command& command, std::optional<std::chrono::microseconds> period,
                   WatchdogPid pid);

/// Gives the command the descriptors that `wait` passed on. If there are none, gives the command
/// the descriptors that this process inherited, with the same numbers (sd_listen_fds(3)).
/// `handed_in` must exist until the command is started.
void pass_listen_fds(process::Command& command, const relay::NamedFds& handed_in);

/// Closes our standard input and output, and all descriptors that we inherited for the command.
/// Call this when the command has copies of them. While our copies are open, no other process can
/// see that the command has closed its copies. If `needs_output` is set, the output stays open. A
/// terminal also stays open, because we need it to take back the foreground. Throws
/// std::system_error on failure.
void close_passed_descriptors(bool needs_output);

}  // namespace notifybridge::wrap
