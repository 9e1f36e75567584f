#pragma once

#include <optional>

#include "bridge/status/diagnosis.hpp"

namespace notifybridge::status {

/// Returns the error with which podman, docker or nerdctl failed to start a container. Returns
/// nullopt if there is no such error.
std::optional<Diagnosis> manager_fault(const Symptoms& symptoms);

}  // namespace notifybridge::status
