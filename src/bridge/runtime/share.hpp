#pragma once

#include <string>

#include "bridge/runtime/container_config.hpp"

namespace notifybridge::runtime {

/// Opens what SHARED_DIR means on the host, and lets the container's user in; returns its path, in
/// which there are no links. As the image may have named it, it has to be that of the `wait` whose
/// token the container has; and nobody but root and we may be able to have another directory
/// mounted in its place. Throws Refusal.
std::string share_directory(const Wish& wish);

}  // namespace notifybridge::runtime
