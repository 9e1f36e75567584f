#pragma once

#include <optional>

#include "init/rules/unit_types/processes.hpp"

/// Decides which processes of a unit get which signal (systemd.kill(5)).
namespace notifybridge::unit_types {

/// The purpose of a signal.
enum class KillOperation {
    terminate,
    restart,  ///< Like `terminate`, during a restart.
    abort,    ///< Makes a hanging process dump core.
    kill,     ///< Ends a process that has ignored the earlier signals.
};

/// Returns which processes to signal, and with which signals. Returns nullopt if KillMode= spares
/// all processes.
std::optional<KillRequest> plan_kill(const unit::KillSettings& settings, KillOperation operation,
                                     pid_t main, pid_t control);

}  // namespace notifybridge::unit_types
