#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "bridge/status/start_command.hpp"

namespace notifybridge::status {

/// Why no `wrap` has come to this directory, and what to do, as far as the words of the command
/// show it, which has ended so, or still runs. `command` is null where there is none. Empty where
/// what the container manager has said is all there is.
std::string why_no_wrap(const StartCommand* command, std::string_view directory,
                        std::optional<process::ExitStatus> end);

}  // namespace notifybridge::status
