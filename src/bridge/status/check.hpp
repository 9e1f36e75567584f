#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/status/finding.hpp"
#include "bridge/status/overview.hpp"

namespace notifybridge::status {

/// Looks at the unit first, then at the directory, the run, the socket and `wait`, in the order of
/// a message's way. If the unit failed or is not started, the rest is a consequence and left out.
/// Sees as much of `wait` as can be seen from here. `path` is the directory's, `overview` what it
/// has, and `member` the name of the container if there are several.
Findings check(system::Fd directory, const std::string& path, const Overview& overview,
               std::string_view member = {});

/// Of several containers: whether those that `wait` was told of are all among `names`. `directory`
/// and `overview` are one member's.
void check_members(Findings& found, system::Fd directory, const Overview& overview,
                   std::span<const std::string> names);

/// Says why the units that name the directory by an absolute path do not run. No `wait` has the
/// directory, which need not exist. Returns true if a unit failed or is not started.
bool check_units(Findings& found, const std::string& path);

/// The column in which what was found begins, in the lines of `to_text`.
inline constexpr std::size_t findings_indent = 20;

/// A line for each, and one for each advice.
std::string to_text(const Findings& findings, bool coloured);

}  // namespace notifybridge::status
