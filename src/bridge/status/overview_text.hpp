#pragma once

#include <optional>
#include <span>
#include <string>

#include "bridge/status/fields.hpp"
#include "bridge/status/owner.hpp"

/// Formats the texts that `status` prints. Pure, except for the process's time zone. Escapes text
/// from other programs, so that no terminal interprets control characters.
namespace notifybridge::status {

/// The content of a directory, and its owner.
struct NamedOverview {
    std::string member;          ///< The member's name; empty if there is only one container.
    std::optional<Owner> owner;  ///< The owner; not set if the user only named the directory.
    std::string path;
    Overview overview;

    bool operator==(const NamedOverview&) const = default;
};

/// The lines of the table that need more than the value of one fact. The value of their row is not
/// null, and the overview has a run.
namespace lines {

Sentence state, since, pids, health, connections, watchdog, host, delivery, messages, pauses, drops;

}  // namespace lines

/// The column in which the values of a table begin.
inline constexpr std::size_t table_indent = 14;

/// Returns a table for people, like `systemctl status`. The overview must have a run. `path` is the
/// directory's path. The text ends in a newline.
std::string to_table(const Overview& overview, std::string_view path, system::Moment now,
                     bool coloured);

/// Returns a line about one of several bridges. The columns are the unit, the state, the time since
/// the state began, the directory and the status text. The line ends in a newline. `viewer` is the
/// user who sees the line.
std::string to_row(const NamedOverview& bridge, system::Moment now, bool coloured, uid_t viewer);

/// The indentation of a row's continuation lines, in columns.
inline constexpr std::size_t row_indent = 44;

/// The version of the JSON format. It increases if a key is removed or gets another meaning, but
/// not if a key is added.
inline constexpr int json_version = 1;

/// Returns the overview for programs, as a JSON object on one line. notifybridge-status(1) lists
/// the keys.
std::string to_json(const Overview& overview, std::string_view path);

/// Returns a JSON object for several containers whose directories are below `path`. The object of a
/// container that never ran has fewer keys.
std::string to_json(std::span<const NamedOverview> members, std::string_view path);

/// Returns a JSON object that contains an array of several unrelated bridges.
std::string to_json_of_all(std::span<const NamedOverview> bridges);

/// Returns metrics of these bridges in the text format of Prometheus, for the textfile collector of
/// node_exporter. The names follow OpenMetrics. notifybridge-status(1) lists the metrics.
std::string to_prometheus(std::span<const NamedOverview> bridges);

}  // namespace notifybridge::status
