#pragma once

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds causes in a unit's log and state. Pure.
namespace notifybridge::diagnosis {

/// Returns the cause of a unit's failure, and one remedy. Other findings may be only consequences
/// of this cause.
Diagnosis first_cause(const Symptoms& symptoms);

/// Returns why the run before the current one ended. Returns nullopt if this is not known.
std::optional<Diagnosis> last_end(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
