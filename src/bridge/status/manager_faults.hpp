#pragma once

#include <optional>

#include "bridge/status/diagnosis.hpp"

namespace notifybridge::status {

/// What podman, docker or nerdctl wrote when it started no container. Nothing if they wrote
/// nothing.
std::optional<Diagnosis> manager_fault(const Symptoms& symptoms);

}  // namespace notifybridge::status
