#pragma once

#include <span>
#include <string>

#include "bridge/relay/policy.hpp"
#include "bridge/status/overview.hpp"

/// An overview as `status` prints it. Pure but for the time zone, which is that of the process.
/// What others wrote is escaped, so that no terminal acts on it.
namespace notifybridge::status {

/// The column in which values begin, in the lines of a table.
inline constexpr std::size_t table_indent = 14;

/// A table for people, in the manner of `systemctl status`, of an overview that has a run. `path`
/// names the directory. Ends in a newline.
std::string to_table(const Overview& overview, std::string_view path, system::Moment now,
                     bool coloured);

/// The same for programs: a JSON object on one line, whose keys notifybridge-status(1) lists.
std::string to_json(const Overview& overview, std::string_view path);

/// A member by name, and what is in its directory.
struct MemberOverview {
    std::string name;
    std::string path;
    Overview overview;
};

/// The same of several containers, whose directories are in the one at `path`. One that never had a
/// run has less to show.
std::string to_json(std::span<const MemberOverview> members, std::string_view path);

/// A record of the journal on one line: when, who, whether `policy` lets it through, and the
/// datagram, last, so that it cannot be taken for any of these. Empty for a record that is neither
/// a message nor the end. No newline.
std::string to_line(const channel::Record& record, const relay::Policy& policy);

}  // namespace notifybridge::status
