#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// Returns whether permissions and the mount let us create and remove files in `directory`. Sets
/// errno if they do not.
bool is_writable(Fd directory) noexcept;

}  // namespace notifybridge::system
