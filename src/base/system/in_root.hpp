#pragma once

#include <string>

#include "base/system/error.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::system {

/// Opens a handle (O_PATH) for `path` below the directory `root`, as a process with this root
/// directory would. Follows links, but neither a link nor ".." leads out of `root`, even if others
/// change the files at the same time. Does not open the file itself.
///
/// This does the same as openat2(2) with RESOLVE_IN_ROOT, and works on each kernel.
Result<UniqueFd> open_handle_in_root(Fd root, const std::string& path);

}  // namespace notifybridge::system
