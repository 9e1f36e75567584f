#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/diagnosis/log_writer.hpp"
#include "bridge/diagnosis/unit.hpp"

namespace notifybridge::diagnosis {

/// A line that the unit's processes have written.
struct LogLine {
    /// Lines in the form of ours have one of the first four kinds. A refusal is the error of a
    /// subcommand that does not start: "notifybridge run: …". Any program can write such lines.
    enum class Kind { refusal, error, warning, notice, other };

    Kind kind = Kind::other;
    /// The text without "notifybridge run: " or "[MAIN 12:00:00] error: ", and without tags.
    std::string text;
    std::vector<std::string> tags = {};  ///< The tags of one of our messages (base/util/tags.hpp).
    Writer writer = Writer::other;

    bool operator==(const LogLine&) const = default;
};

/// A message of a log: one line, or several.
struct LogMessage {
    std::string text;
    Writer writer = Writer::other;

    bool operator==(const LogMessage&) const = default;
};

/// Reads the lines of messages. Leaves out empty lines, container ids, podman's events, warnings of
/// its monitor, and repeated lines. podman's client and its monitor may both write the same line.
std::vector<LogLine> read_log(const std::vector<LogMessage>& messages);

/// Which start of a unit a log is about.
enum class Start { last, previous };

/// Reads the output of `journalctl --reverse --output=export` (systemd, Journal Export Formats).
/// Returns the messages of this start, beginning with the oldest. Ignores a last entry that was cut
/// off. For a message of a process that ended quickly, journald knows no invocation, or only that
/// of user@.service. Messages of ExecStop= and ExecStopPost= after the end of the main process come
/// first, because the last message has to be that of the app. journald may read a message of the
/// app after this end, but then its stream is older. For the previous start, the main process is
/// not known, so that no message is ours.
std::vector<LogMessage> read_messages(std::string_view entries, const UnitFacts& unit, Start start,
                                      uid_t viewer);

/// Returns the journalctl command that prints what the unit has written since the last start of its
/// main process, which was `since_usec` microseconds after 1970. The newest entry comes first,
/// because long output is cut off. Returns an empty list if the unit's name is not valid.
std::vector<std::string> journal_command(const UnitFacts& unit, std::uint64_t since_usec);

/// Returns the lines that the unit has written after this start, beginning with the oldest.
/// Returns an empty list if the journal has no such lines or we may not read the journal.
std::vector<LogLine> log_of(const UnitFacts& unit, Start start);

}  // namespace notifybridge::diagnosis
