#pragma once

#include <functional>
#include <variant>

#include "base/process/exit_status.hpp"

/// The events that a Supervisor emits to its owner.
namespace notifybridge::process {

/// The command has ended, but is not reaped yet. The owner may read the command's last messages,
/// and may call `hand_over` for a successor that the command named.
struct CommandEnding {};

/// Emitted once when the command has ended.
struct CommandEnded {
    ExitStatus end = {};
};

/// A signal arrived that `report_signals` keeps from the command.
struct SignalCame {
    int signal = 0;
};

/// A terminating signal arrived while no command runs.
struct SignalUnclaimed {
    int signal = 0;
};

/// A signal arrived that requests an orderly end, and is not passed on yet. After a stop signal,
/// emitted for every signal.
struct EndAsked {};

/// A stop signal, SIGTERM or SIGINT is about to be passed on. The owner may call `hold_stop`.
struct StopComes {};

/// A signal is about to be sent to the command.
struct SignalPassed {
    int signal = 0;
};

/// The size of the terminal has changed (SIGWINCH).
struct WindowChanged {};

using SupervisorEvent = std::variant<CommandEnding, CommandEnded, SignalCame, SignalUnclaimed,
                                     EndAsked, StopComes, SignalPassed, WindowChanged>;
using OnSupervisorEvent = std::function<void(const SupervisorEvent&)>;

}  // namespace notifybridge::process
