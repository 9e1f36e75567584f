#pragma once

#include "bridge/status/diagnosis.hpp"

/// Pure.
namespace notifybridge::status {

/// Returns the cause of a unit's failure, and one remedy. Other findings may be consequences of it.
Diagnosis first_cause(const Symptoms& symptoms);

}  // namespace notifybridge::status
