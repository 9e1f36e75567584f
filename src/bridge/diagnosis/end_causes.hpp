#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

namespace notifybridge::diagnosis {

/// Finds how a unit ended that has failed for no other reason: a stop that took too long, or the
/// end of its main process. Pure.
std::optional<Diagnosis> find_end(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
