#pragma once

#include "base/system/fd.hpp"

namespace notifybridge::system {

/// Whether we may make and remove files in this directory, so far as permissions and the mount
/// tell. Where not, errno says why.
bool is_writable(Fd directory) noexcept;

}  // namespace notifybridge::system
