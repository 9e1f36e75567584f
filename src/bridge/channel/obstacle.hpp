#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

/// Removes directories that occupy the names of our files, because no run can start then. A
/// container may create such directories to prevent the next start of its unit.
namespace notifybridge::channel {

/// Checks whether the directory serves another purpose, as /var/log does with its "journal". Such a
/// directory has none of our files, but a directory with the name of one of them. If it also has
/// entries with other names, returns one of these. Otherwise returns an empty text.
std::string find_foreign_entry(system::Fd directory);

/// Removes directories that have the name of one of our files, and returns their names. A directory
/// that is not empty is renamed first, so that nobody can delay us by filling it. Content that
/// cannot be removed stays under the new name. Other obstacles are not changed.
std::vector<std::string> remove_obstacles(system::Fd directory);

/// Like `remove_obstacles`, but only for the directory `name`. Returns true if the directory
/// existed and is gone now.
bool remove_obstacle(system::Fd directory, const char* name);

/// Returns why files cannot be created or replaced in the directory at `path`, and a command that
/// helps. Returns an empty text if no reason is found.
std::string explain_obstacle(system::Fd directory, const std::string& path);

}  // namespace notifybridge::channel
