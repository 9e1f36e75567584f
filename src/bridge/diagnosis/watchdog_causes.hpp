#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds why systemd ended a unit because of WatchdogSec=. Pure.
namespace notifybridge::diagnosis {

/// Finds a WATCHDOG=1 that did not arrive in time.
std::optional<Diagnosis> find_missing_ping(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
