#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/diagnosis/finding.hpp"
#include "bridge/status/overview.hpp"

namespace notifybridge::status {

/// Checks the unit first, and then the directory, the run, the socket and `wait`. If no `wait` runs
/// and `check_units` returns true, checks only the labels of the directory after that. Other faults
/// would only be consequences. `path` is the directory's path, and `overview` is its content.
/// `member` names the container if there are several. Skips facts about `wait` that are not visible
/// to this process.
diagnosis::Findings check(system::Fd directory, const std::string& path, const Overview& overview,
                          std::string_view member = {});

/// Checks whether `names` contains all members that were given to `wait`. `directory` and
/// `overview` belong to one of the members.
void check_members(diagnosis::Findings& found, system::Fd directory, const Overview& overview,
                   std::span<const std::string> names);

/// Reports a run that continues without a `wait`, for example because `wait` was killed. Reports
/// nothing if its `wrap` is not visible.
void check_leftover(diagnosis::Findings& found, system::Fd directory, const Overview& overview);

/// Finds the units that name the directory with an absolute path, and reports why they do not run.
/// Returns true if a unit failed, is starting or is not started. The directory need not exist. Must
/// be called only if no `wait` holds the directory.
bool check_units(diagnosis::Findings& found, const std::string& path);

}  // namespace notifybridge::status
