#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/status/finding.hpp"
#include "bridge/status/overview.hpp"

namespace notifybridge::status {

/// Looks at the directory, the run and the socket, `wait` and the unit that it is started by, in
/// the order of a message's way. Of `wait`, as much as can be seen from where this is asked. `path`
/// is the directory's, `overview` what it has, and `member` whose it is, of several containers.
Findings check(system::Fd directory, const std::string& path, const Overview& overview,
               std::string_view member = {});

/// Of several containers: whether those that `wait` was told of are all among `names`. `directory`
/// and `overview` are one member's.
void check_members(Findings& found, system::Fd directory, const Overview& overview,
                   std::span<const std::string> names);

/// Of a directory that no `wait` has, perhaps as there is none: what the units that name it, by an
/// absolute path, lack.
void check_units(Findings& found, const std::string& path);

/// The column in which what was found begins, in the lines of `to_text`.
inline constexpr std::size_t findings_indent = 20;

/// A line for each, and one for each advice.
std::string to_text(const Findings& findings, bool coloured);

}  // namespace notifybridge::status
