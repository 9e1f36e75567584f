#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

/// Handles things that occupy the names of our files and keep a run from starting. A container may
/// put them there to prevent the next start of its unit.
namespace notifybridge::channel {

/// Removes directories that have the name of one of our files, and returns their names. Renames a
/// directory that is not empty first, so that nobody can delay us by filling it; what cannot be
/// removed then stays. Leaves other obstacles alone.
std::vector<std::string> remove_obstacles(system::Fd directory);

/// Does the same with the directory of this name. Returns whether there was one and it is gone now.
bool remove_obstacle(system::Fd directory, const char* name);

/// Returns why files cannot be created or replaced in the directory at `path`, and a command that
/// helps; "" if no reason is found.
std::string explain_obstacle(system::Fd directory, const std::string& path);

}  // namespace notifybridge::channel
