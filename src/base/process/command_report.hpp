#pragma once

#include <string>
#include <string_view>
#include <system_error>

#include "base/event/loop.hpp"
#include "base/process/exit_status.hpp"
#include "base/process/supervisor.hpp"

namespace notifybridge::process {

/// Logs that a command could not be started, and why. Logs `advice` if the reason is unknown.
/// Returns the exit status for this case: 126 or 127, as env(1) does.
ExitStatus report_spawn_failure(const std::string& program, const std::error_code& error,
                                std::string_view advice);

/// Runs the loop until it stops. If the loop throws, nothing forwards the command's messages any
/// more. In this case, sends SIGTERM to the command, and rethrows the exception.
void run_beside_command(event::Loop& loop, Supervisor& supervisor);

}  // namespace notifybridge::process
