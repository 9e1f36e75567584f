#pragma once

#include <optional>

#include "init/unit_types/processes.hpp"

/// Which processes of a unit get which signal (systemd.kill(5)).
namespace notifybridge::unit_types {

/// What a signal is for.
enum class KillOperation {
    terminate,
    restart,  ///< `terminate`, where a restart is under way.
    abort,    ///< For a core dump, of what hangs.
    kill,     ///< The last one.
};

/// Nothing where KillMode= lets every process live.
std::optional<KillRequest> plan_kill(const unit::KillSettings& settings, KillOperation operation,
                                     pid_t main, pid_t control);

}  // namespace notifybridge::unit_types
