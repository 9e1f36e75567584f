#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/status/finding.hpp"
#include "bridge/status/overview.hpp"

namespace notifybridge::status {

/// Looks at the unit first, then at the directory, the run, the socket and `wait`, in the order of
/// a message's way. If the unit failed or is not started, everything else is a consequence and is
/// left out. `path` is that of the directory, `overview` its content. `member` names the container
/// if there are several. Facts about `wait` that are not visible from here are left out.
Findings check(system::Fd directory, const std::string& path, const Overview& overview,
               std::string_view member = {});

/// Checks whether all members that `wait` was given are among `names`. `directory` and `overview`
/// are those of one member.
void check_members(Findings& found, system::Fd directory, const Overview& overview,
                   std::span<const std::string> names);

/// Says why the units that name the directory by an absolute path do not run. No `wait` has the
/// directory, which need not exist. Returns true if a unit failed or is not started.
bool check_units(Findings& found, const std::string& path);

/// The column in which the text of a finding begins in `to_text`.
inline constexpr std::size_t findings_indent = 20;

/// Returns one line for each finding, and one for each advice.
std::string to_text(const Findings& findings, bool coloured);

}  // namespace notifybridge::status
