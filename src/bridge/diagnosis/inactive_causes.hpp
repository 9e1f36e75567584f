#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

namespace notifybridge::diagnosis {

/// Returns why an inactive unit is not started, and what starts it. Pure.
std::optional<Diagnosis> diagnose_inactive(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
