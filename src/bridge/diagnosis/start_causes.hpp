#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

namespace notifybridge::diagnosis {

/// Returns what a starting unit waits for. Pure.
std::optional<Diagnosis> diagnose_start(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
