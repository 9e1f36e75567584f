#pragma once

#include <functional>

#include "base/process/clone.hpp"

namespace notifybridge::process {

/// Starts a child that runs `body` in a copy of our memory and ends with what that returns, or with
/// 125 where it throws. It may do what we may, and take its time; it costs more to make than one
/// that shares our memory. All signals are blocked in it. Throws std::system_error.
Child fork_child(const std::function<int()>& body);

}  // namespace notifybridge::process
