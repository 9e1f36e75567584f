#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds causes that are about the stop of a unit. Pure.
namespace notifybridge::diagnosis {

/// Finds the end of a unit that somebody has asked to stop. systemd counts it as a failure, unless
/// the app exits with 0 or a status of SuccessExitStatus=.
std::optional<Diagnosis> find_requested_stop(const Symptoms& symptoms);

/// Finds that `wrap` could not pass on the stop signal.
std::optional<Diagnosis> find_missing_right(const Symptoms& symptoms);

/// Finds that `wait` killed the app, which ignored the stop signal.
std::optional<Diagnosis> find_ignored_stop(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
