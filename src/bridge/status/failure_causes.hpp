#pragma once

#include "bridge/status/diagnosis.hpp"

/// Pure.
namespace notifybridge::status {

/// The cause of a unit's failure, and one remedy. What else can be seen may be a consequence of it.
Diagnosis first_cause(const Symptoms& symptoms);

}  // namespace notifybridge::status
