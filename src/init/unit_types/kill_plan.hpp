#pragma once

#include <optional>

#include "init/unit_types/processes.hpp"

/// Which processes of a unit get which signal (systemd.kill(5)).
namespace notifybridge::unit_types {

/// The purpose of a signal.
enum class KillOperation {
    terminate,
    restart,  ///< Like `terminate`, during a restart.
    abort,    ///< For a core dump of a process that hangs.
    kill,     ///< The last one.
};

/// Returns nullopt if KillMode= spares every process.
std::optional<KillRequest> plan_kill(const unit::KillSettings& settings, KillOperation operation,
                                     pid_t main, pid_t control);

}  // namespace notifybridge::unit_types
