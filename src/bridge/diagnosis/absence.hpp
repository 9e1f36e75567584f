#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/process/exit_status.hpp"
#include "bridge/diagnosis/start_command.hpp"

namespace notifybridge::diagnosis {

/// Returns why no `wrap` has started in this directory, and what to do. The reason depends on the
/// words of the command, and on how the command ended. `command` is null if `wait` has none. `end`
/// is nullopt while the command runs. Returns an empty text if the reason is unknown, or if the
/// container manager or our runtime has already reported it.
std::string why_no_wrap(const StartCommand* command, std::string_view directory,
                        std::optional<process::ExitStatus> end);

}  // namespace notifybridge::diagnosis
