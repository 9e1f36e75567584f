#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/status/unit.hpp"

namespace notifybridge::status {

/// A line that a unit's processes wrote.
struct LogLine {
    /// The first four are ours; a refusal is an error of a subcommand that does not start:
    /// "notifybridge run: …".
    enum class Kind { refusal, error, warning, notice, other };

    Kind kind = Kind::other;
    std::string text;  ///< Without "notifybridge run: " or "[MAIN 12:00:00] error: ".

    bool operator==(const LogLine&) const = default;
};

/// Reads the output of journalctl. Leaves out empty lines, container ids, podman's events, and
/// repeated lines: podman's client and its monitor both log each one.
std::vector<LogLine> read_log(std::string_view text);

/// Returns the journalctl command that prints what the unit wrote since its main process was last
/// started, `since_usec` microseconds after 1970. Empty for a name that is not a unit's.
std::vector<std::string> journal_command(const UnitFacts& unit, std::uint64_t since_usec);

/// Returns the lines that the unit wrote since its last start, oldest first. Empty if the journal
/// does not have them or may not be read.
std::vector<LogLine> log_of(const UnitFacts& unit);

}  // namespace notifybridge::status
