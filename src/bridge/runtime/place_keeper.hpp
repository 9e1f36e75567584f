#pragma once

#include <functional>
#include <string>

#include "base/system/fd.hpp"

namespace notifybridge::runtime {

/// Starts a process that keeps our present rights, and calls `act` once: when `ask_keeper` asks for
/// it, or when we are gone for whatever reason. Its name in ps(1) is `title`, as far as there is
/// room. It is not a child of ours, takes no signals but SIGKILL, and has no descriptor of ours but
/// a copy of `kept`. Returns the socket to it. Throws std::system_error.
system::UniqueFd start_keeper(const std::string& title, system::Fd kept,
                              const std::function<void(system::Fd kept)>& act);

/// Asks the keeper to act now. Returns when it has acted, or after a few seconds.
void ask_keeper(system::Fd keeper);

}  // namespace notifybridge::runtime
