#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::status {

/// A shared directory that a `wait` has.
struct Bridge {
    std::string path;  ///< As `wait` sees it, which may be in a container itself.
    std::string unit;  ///< That `wait` runs in; empty where it is in none.
    system::UniqueFd directory;
};

/// All that /proc shows us, by path: of every user for root, else our own. In a container, those
/// whose `wait` is in it. They are known by the lock that `wait` has on its directory, whatever it
/// is called and wherever its files are.
std::vector<Bridge> find_bridges();

/// The process that has the flock(2) of this directory; nothing where /proc does not show it.
std::optional<pid_t> flock_holder(system::Fd directory);

/// The processes that have a lock of flock(2), as far as /proc shows them.
std::vector<pid_t> flock_holders();

/// Those in the text of /proc/locks that have a lock of flock(2).
std::vector<pid_t> flock_holders(std::string_view locks);

}  // namespace notifybridge::status
