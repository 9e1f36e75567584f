#pragma once

#include <optional>
#include <span>
#include <string>

#include "bridge/relay/policy.hpp"
#include "bridge/status/overview.hpp"
#include "bridge/status/owner.hpp"

/// The texts that `status` prints. Pure, except for the process's time zone. Text from others is
/// escaped, so that no terminal interprets it.
namespace notifybridge::status {

/// The content of a directory, with its owner.
struct NamedOverview {
    std::string member;          ///< The member's name; empty if there is only one container.
    std::optional<Owner> owner;  ///< Empty if only the directory was named.
    std::string path;
    Overview overview;

    bool operator==(const NamedOverview&) const = default;
};

/// The column in which values begin, in the lines of a table.
inline constexpr std::size_t table_indent = 14;

/// Returns a table for people, like `systemctl status`, for an overview that has a run. `path`
/// names the directory. Ends in a newline.
std::string to_table(const Overview& overview, std::string_view path, system::Moment now,
                     bool coloured);

/// Returns a bridge of several on one line, in columns: its unit or member, state, since when,
/// directory and status text, and a newline. `viewer` is the user who sees it.
std::string to_row(const NamedOverview& bridge, system::Moment now, bool coloured, uid_t viewer);

/// The column in which the status text of such a line begins.
inline constexpr std::size_t row_indent = 44;

/// The version of the JSON format. It grows if a key is removed or changes its meaning, not if one
/// is added.
inline constexpr int json_version = 1;

/// Returns the table for programs: a JSON object on one line. notifybridge-status(1) lists the
/// keys.
std::string to_json(const Overview& overview, std::string_view path);

/// Returns a JSON object for several containers whose directories are below `path`. A container
/// that never ran has fewer keys.
std::string to_json(std::span<const NamedOverview> members, std::string_view path);

/// Returns a JSON array for several unrelated bridges.
std::string to_json_of_all(std::span<const NamedOverview> bridges);

/// Returns a record of the journal on one line, without a newline: time, sender, whether `policy`
/// lets it pass, and the datagram. The datagram comes last, so that it cannot imitate the other
/// fields. Returns an empty string if the record is neither a message nor the end. `command` is the
/// sender's name, if known.
std::string to_line(const channel::Record& record, const relay::Policy& policy,
                    std::string_view command = {});

}  // namespace notifybridge::status
