#pragma once

#include <string>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::send {

/// Takes ownership of the inherited descriptors with these numbers, but duplicates standard streams
/// (0 to 2). If `numbers` is not empty, closes all other inherited descriptors, so that a command
/// that is executed later does not inherit them. Throws Failure if an element is not a number, or
/// if a number above 2 is not an inherited descriptor or occurs twice.
std::vector<system::UniqueFd> take_fds(const std::vector<std::string>& numbers);

}  // namespace notifybridge::send
