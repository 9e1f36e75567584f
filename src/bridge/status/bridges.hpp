#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/status/owner.hpp"

namespace notifybridge::status {

/// A shared directory that a `wait` holds.
struct Bridge {
    std::string path;  ///< The path that `wait` sees; it may run in a container itself.
    Owner owner;
    system::UniqueFd directory;
};

/// Returns all bridges that /proc shows, sorted by path: those of every user for root, otherwise
/// our own. In a container, only bridges of that container are visible. A `wait` is recognised by
/// the lock on its directory, not by its name or its executable.
std::vector<Bridge> find_bridges();

}  // namespace notifybridge::status
