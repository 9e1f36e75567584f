#pragma once

#include <optional>
#include <string>

#include "bridge/diagnosis/diagnosis.hpp"

namespace notifybridge::diagnosis {

/// Returns the error that kept podman, docker or nerdctl from starting a container. Returns nullopt
/// if the log shows no such error.
std::optional<Diagnosis> manager_fault(const Symptoms& symptoms);

/// Returns the image in the unit's command line, as a word of a shell. Returns "IMAGE" if the
/// command line does not show it.
std::string image_of(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
