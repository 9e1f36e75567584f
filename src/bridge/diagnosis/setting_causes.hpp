#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds causes in other commands of the unit, and in the conditions of its start. Pure.
namespace notifybridge::diagnosis {

/// Finds why systemd did not start an inactive unit: a condition, ExecCondition=, or another unit.
std::optional<Diagnosis> find_refused_start(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
