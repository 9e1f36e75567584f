#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/process/exit_status.hpp"

namespace notifybridge::runtime {

/// How long a manager may take to answer.
inline constexpr std::chrono::seconds longest_answer{5};

/// The answer of a container manager.
struct ManagerAnswer {
    std::string output;
    /// How the command ended; nullopt if it took too long or printed more than 1 MiB.
    std::optional<process::ExitStatus> status;
};

/// Runs a command of a container manager that only prints something, and waits for its end. Kills
/// the command after `longest_answer`. Drops its standard error. Throws std::system_error if the
/// command cannot be started.
ManagerAnswer ask_manager(std::vector<std::string> words);

}  // namespace notifybridge::runtime
