#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::send {

/// Takes ownership of the inherited descriptors with these numbers. Closes all others if there is
/// any number, so that a command that is executed later gets only those that were named. Throws
/// Failure if a number is not that of an inherited descriptor, or stands there twice.
std::vector<system::UniqueFd> take_fds(const std::vector<std::string>& numbers);

}  // namespace notifybridge::send
