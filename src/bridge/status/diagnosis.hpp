#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/status/finding.hpp"
#include "bridge/status/start_command.hpp"
#include "bridge/status/unit.hpp"
#include "bridge/status/unit_log.hpp"

/// Pure: the cause of a unit's failure, and what to do about it.
namespace notifybridge::status {

/// How a unit starts what notifies, which decides where a remedy goes.
enum class Starter {
    run,      ///< `notifybridge run`
    wait,     ///< `notifybridge wait` around a command line written by hand.
    wrap,     ///< `notifybridge wrap`, without a container.
    quadlet,  ///< A unit that Quadlet made from a .container file.
    init,     ///< `notifybridge init` is in the container.
    other,    ///< A script, or something else.
};

/// All that is known of a unit.
struct Symptoms {
    UnitFacts unit;
    StartCommand command;
    Starter starter = Starter::other;
    std::vector<LogLine> log;
    bool has_run = false;  ///< `wrap` was started, and goes on.
};

/// Reads the words of the unit's ExecStart=.
Symptoms symptoms_of(UnitFacts unit, std::vector<LogLine> log);

struct Diagnosis {
    Finding::Verdict verdict = Finding::Verdict::problem;
    std::string cause;
    std::string remedy;

    bool operator==(const Diagnosis&) const = default;
};

/// The cause that keeps the unit from running, and one remedy. A note if the unit is only starting.
/// Nothing if the unit is active and its settings let systemd hear what it is told.
std::optional<Diagnosis> diagnose(const Symptoms& symptoms);

/// A setting by which systemd does not wait for READY=1, or drops what it is told.
std::optional<Diagnosis> diagnose_type(const UnitFacts& unit, const std::string& remedy);

/// Whether the unit failed, also if systemd starts it again soon.
bool has_failed(const UnitFacts& unit);

}  // namespace notifybridge::status
