#pragma once

#include <optional>

#include "bridge/status/diagnosis.hpp"

namespace notifybridge::status {

/// Returns the error that podman, docker or nerdctl wrote if they started no container. Returns
/// nullopt if they wrote none.
std::optional<Diagnosis> manager_fault(const Symptoms& symptoms);

}  // namespace notifybridge::status
