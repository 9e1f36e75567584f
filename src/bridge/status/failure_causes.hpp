#pragma once

#include "bridge/status/diagnosis.hpp"

/// Finds causes in a unit's log and state. Pure.
namespace notifybridge::status {

/// Returns the cause of a unit's failure, and one remedy. Other findings may be only consequences
/// of this cause.
Diagnosis first_cause(const Symptoms& symptoms);

}  // namespace notifybridge::status
