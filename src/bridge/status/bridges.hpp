#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"
#include "bridge/status/owner.hpp"

namespace notifybridge::status {

/// A shared directory that a `wait` has.
struct Bridge {
    std::string path;  ///< As `wait` sees it, which may be in a container itself.
    Owner owner;
    system::UniqueFd directory;
};

/// All that /proc shows us, by path: of every user for root, else our own. In a container, those
/// whose `wait` is in it. They are known by the lock that `wait` has on its directory, whatever it
/// is called and wherever its files are.
std::vector<Bridge> find_bridges();

}  // namespace notifybridge::status
