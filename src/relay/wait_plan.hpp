#pragma once

#include <optional>

#include "process/exit_status.hpp"
#include "relay/courier.hpp"

namespace notifybridge::relay {

/// What `wait` knows when it asks itself what to do.
struct WaitFacts {
    bool has_command = false;  ///< Else it attaches to a container started elsewhere.
    std::optional<process::ExitStatus> command_end;
    bool detached = false;        ///< The command exited 0, and its run lived on.
    bool grace_over = false;      ///< A run that comes after its command may no longer be awaited.
    bool keeps_attached = false;  ///< --keep: after a run the next is awaited.
    RunPhase run = RunPhase::none;
    std::optional<process::ExitStatus> run_end;
};

struct WaitStep {
    enum class Action {
        go_on,
        await_run,  ///< The command exited 0 and may have left a container that is about to start.
        stop_run,   ///< The command is gone and failed, and its run lives: end it.
        finish,
    };

    Action action = Action::go_on;
    process::ExitStatus status;  ///< With `finish`: how it all ended.

    bool operator==(const WaitStep&) const = default;
};

/// The next step. Pure.
WaitStep next_step(const WaitFacts& facts);

}  // namespace notifybridge::relay
