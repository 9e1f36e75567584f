#pragma once

#include <string>

#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/finding.hpp"
#include "bridge/diagnosis/unit.hpp"

namespace notifybridge::diagnosis {

/// Collects the symptoms of a unit. Does not read the log of an inactive job, or of an active unit
/// that has a run. `has_run` is false if it is known that no `wrap` can be seen.
Symptoms read_symptoms(const UnitFacts& unit, bool has_run = true);

/// Reports why a unit does not run. `directory` is the absolute path of its shared directory, which
/// need not exist. Returns true if the unit failed, is starting or is not started. In these cases,
/// the state of the directory is only a consequence.
bool check_unit(Findings& found, const UnitFacts& unit, const std::string& directory);

}  // namespace notifybridge::diagnosis
