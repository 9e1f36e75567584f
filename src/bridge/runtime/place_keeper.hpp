#pragma once

#include <functional>
#include <string>

#include "base/system/fd.hpp"

namespace notifybridge::runtime {

/// Starts a process that keeps our present rights and calls `act` once. It does this when
/// `ask_keeper` asks, or when we have ended for any reason. ps(1) shows `title` as its name, as far
/// as there is room. It is not our child, accepts no signal but SIGKILL, and has no descriptors
/// except a copy of `kept`. Returns the socket to it. Throws std::system_error.
system::UniqueFd start_keeper(const std::string& title, system::Fd kept,
                              const std::function<void(system::Fd kept)>& act);

/// Asks the keeper to act now. Returns after it has acted, or after a few seconds.
void ask_keeper(system::Fd keeper);

}  // namespace notifybridge::runtime
