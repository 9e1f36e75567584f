#pragma once

#include <optional>
#include <vector>

#include "base/process/exit_status.hpp"
#include "bridge/status/start_command.hpp"
#include "bridge/status/unit.hpp"
#include "bridge/status/unit_log.hpp"

namespace notifybridge::status {

/// How a unit starts the notifying program. This decides where a remedy goes.
enum class Starter {
    run,      ///< `notifybridge run`
    wait,     ///< `notifybridge wait` around a command line written by hand.
    wrap,     ///< `notifybridge wrap`, without a container.
    quadlet,  ///< A unit that Quadlet made from a .container file.
    init,     ///< `notifybridge init` is in the container.
    other,    ///< A script, or something else.
};

/// Everything known about a unit.
struct Symptoms {
    UnitFacts unit;
    StartCommand command;
    Starter starter = Starter::other;
    std::vector<LogLine> log;
    bool has_run = false;  ///< `wrap` was started and still runs.
};

/// Reads the words of the unit's ExecStart=.
Symptoms symptoms_of(UnitFacts unit, std::vector<LogLine> log);

/// Returns how the unit's main process ended; nullopt if it has not ended.
std::optional<process::ExitStatus> end_of(const UnitFacts& unit);

}  // namespace notifybridge::status
