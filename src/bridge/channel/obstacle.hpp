#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

/// Removes directories that occupy the names of our files. No run can start while such a directory
/// exists. A container may create such directories to prevent the next start of its unit.
namespace notifybridge::channel {

/// Returns the name of an entry which shows that the directory serves another purpose. Returns an
/// empty text if nothing shows this. We assume another purpose if the directory has a subdirectory
/// with the name of one of our files, other entries, and none of our files. An example is /var/log,
/// which contains a directory "journal".
std::string find_unrelated_entry(system::Fd directory);

/// Removes directories that have the name of one of our files, and returns their names. A directory
/// that is not empty is renamed first, so that nobody can delay us by adding entries. Content that
/// cannot be removed stays under the new name. Other obstacles are not changed.
std::vector<std::string> remove_obstacles(system::Fd directory);

/// Removes the directory `name` in the same way as `remove_obstacles`. Returns true if the
/// directory existed and is gone now.
bool remove_obstacle(system::Fd directory, const char* name);

/// Returns why files cannot be created or replaced in the directory at `path`, and a command that
/// helps. Returns an empty text if no reason is found.
std::string explain_obstacle(system::Fd directory, const std::string& path);

}  // namespace notifybridge::channel
