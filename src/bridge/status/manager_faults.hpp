#pragma once

#include <optional>

#include "bridge/status/diagnosis.hpp"

namespace notifybridge::status {

/// Returns the error that kept podman, docker or nerdctl from starting a container. Returns nullopt
/// if the log shows no such error.
std::optional<Diagnosis> manager_fault(const Symptoms& symptoms);

}  // namespace notifybridge::status
