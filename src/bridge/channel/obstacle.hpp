#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

/// What stands in the place of our files and keeps a run from starting. A container may put it
/// there to stop the next start of its unit.
namespace notifybridge::channel {

/// Removes directories that have the name of one of our files, and returns these names. A directory
/// that is not empty gets a hidden name first, so that nobody can hold us up by filling it. What
/// cannot be removed then stays there. Other obstacles are left alone.
std::vector<std::string> remove_obstacles(system::Fd directory);

/// Why no file can take the place of one of ours, or be made in the directory at `path`, and the
/// command that helps; "" if nothing is found.
std::string explain_obstacle(system::Fd directory, const std::string& path);

}  // namespace notifybridge::channel
