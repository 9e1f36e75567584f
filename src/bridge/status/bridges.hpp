#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/status/owner.hpp"

namespace notifybridge::status {

/// A shared directory that a `wait` uses and has locked.
struct Bridge {
    std::string path;  ///< The path in the mount namespace of `wait`, which may itself run in a
                       ///< container.
    Owner owner;
    system::UniqueFd directory;
};

/// Returns all bridges that /proc shows, sorted by path. root gets the bridges of all users, and
/// other users get only their own. In a container, only bridges of that container are visible.
/// Recognises a `wait` by the lock on its directory, because its name and its executable may
/// differ.
std::vector<Bridge> find_bridges();

}  // namespace notifybridge::status
