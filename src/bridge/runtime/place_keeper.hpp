#pragma once

#include <string>

#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::runtime {

/// Starts a keeper: a process that keeps our present rights and calls `act` once. The keeper calls
/// `act` when `ask_keeper` asks for this, or when we have ended for any reason. ps(1) shows `title`
/// as the keeper's name, but may shorten it. The keeper is a child that outlives us. It accepts no
/// signal except SIGKILL, and inherits no descriptor except a copy of `kept`. Returns the socket to
/// the keeper. Throws std::system_error on failure.
system::UniqueFd start_keeper(const std::string& title, system::Fd kept,
                              util::FunctionRef<void(system::Fd kept)> act);

/// Asks the keeper to call `act` now. Returns when `act` has returned, or after five seconds at the
/// latest.
void ask_keeper(system::Fd keeper);

}  // namespace notifybridge::runtime
