#pragma once

#include <optional>
#include <span>
#include <string>

#include "bridge/relay/policy.hpp"
#include "bridge/status/overview.hpp"
#include "bridge/status/owner.hpp"

/// An overview as `status` prints it. Pure but for the time zone, which is that of the process.
/// What others wrote is escaped, so that no terminal acts on it.
namespace notifybridge::status {

/// What is in a directory, and whose it is.
struct NamedOverview {
    std::string member;          ///< Of several containers of a unit.
    std::optional<Owner> owner;  ///< Nothing if only the directory was named.
    std::string path;
    Overview overview;

    bool operator==(const NamedOverview&) const = default;
};

/// The column in which values begin, in the lines of a table.
inline constexpr std::size_t table_indent = 14;

/// A table for people, in the manner of `systemctl status`, of an overview that has a run. `path`
/// names the directory. Ends in a newline.
std::string to_table(const Overview& overview, std::string_view path, system::Moment now,
                     bool coloured);

/// Returns a bridge of several on one line, in columns: its unit or member, state, since when,
/// directory and status text, and a newline. `viewer` is the user who sees it.
std::string to_row(const NamedOverview& bridge, system::Moment now, bool coloured, uid_t viewer);

/// The column in which the status text of such a line begins.
inline constexpr std::size_t row_indent = 44;

/// The version of what follows: more when a key goes, or means something else; one that is added
/// changes nothing.
inline constexpr int json_version = 1;

/// The table for programs: a JSON object on one line, whose keys notifybridge-status(1) lists.
std::string to_json(const Overview& overview, std::string_view path);

/// The same of several containers, whose directories are in the one at `path`. One that never had a
/// run has less to show.
std::string to_json(std::span<const NamedOverview> members, std::string_view path);

/// The same of several bridges, which need not have to do with each other.
std::string to_json_of_all(std::span<const NamedOverview> bridges);

/// A record of the journal on one line: when, who, whether `policy` lets it through, and the
/// datagram, last, so that it cannot be taken for any of these. Empty for a record that is neither
/// a message nor the end. No newline.
/// `command` is the sender's, where that is known.
std::string to_line(const channel::Record& record, const relay::Policy& policy,
                    std::string_view command = {});

}  // namespace notifybridge::status
