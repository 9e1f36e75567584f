#pragma once

#include <cstddef>

namespace notifybridge::system {

/// How many descriptors this process may have open: ulimit -n, LimitNOFILE=.
std::size_t open_files_limit() noexcept;

}  // namespace notifybridge::system
