#pragma once

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds causes in a unit's log and state. Pure.
namespace notifybridge::diagnosis {

/// Returns the cause of a unit's failure, and one remedy. Other findings may be only consequences
/// of this cause.
Diagnosis first_cause(const Symptoms& symptoms);

/// Returns the cause why the unit ended, and one remedy. Returns nullopt if neither the log nor the
/// state shows the cause.
std::optional<Diagnosis> cause_of_last_end(const Symptoms& symptoms);

/// Finds an app of an inactive unit that put itself into the background, so that notifybridge took
/// the end of its first process for the end of the app.
std::optional<Diagnosis> find_ended_daemon(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
