#pragma once

#include <optional>
#include <string_view>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds settings of systemd's sandbox in which a container manager cannot work. Pure.
namespace notifybridge::diagnosis {

/// Returns whether a property is a setting of the sandbox that may be a cause.
bool is_sandbox_setting(std::string_view name);

/// Finds the settings of the unit (systemd.exec(5)) that made podman or its runtime
/// fail.
std::optional<Diagnosis> find_sandbox(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
