#pragma once

#include <string>

#include "bridge/runtime/container_config.hpp"

namespace notifybridge::runtime {

/// Opens the host's SHARED_DIR, gives the container's user access, and returns the directory's path
/// without links. The image may have chosen the path. So the directory must belong to the `wait`
/// whose token the container has, and only root and we may be able to replace the directory. Throws
/// Refusal if these conditions are not met.
std::string share_directory(const Wish& wish);

}  // namespace notifybridge::runtime
