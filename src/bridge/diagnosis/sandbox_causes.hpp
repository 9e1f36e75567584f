#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds settings of systemd's sandbox in which a container manager cannot work. Pure.
namespace notifybridge::diagnosis {

/// Finds the settings of the unit (systemd.exec(5)) that made podman or its runtime
/// fail.
std::optional<Diagnosis> find_sandbox(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
