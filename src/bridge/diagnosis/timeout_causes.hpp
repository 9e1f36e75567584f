#pragma once

#include <optional>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds causes of a start, run or stop that took longer than systemd allows. Pure.
namespace notifybridge::diagnosis {

/// Returns whether the main process ends when the app is ready (--until=ready).
bool waits_until_ready(const UnitFacts& unit);

/// Finds a unit that systemd stopped after RuntimeMaxSec=.
std::optional<Diagnosis> find_end_of_runtime(const Symptoms& symptoms);

/// Finds a start that timed out because systemd does not wait for READY=1 in units of this type.
std::optional<Diagnosis> find_deaf_type(const Symptoms& symptoms);

/// Finds a start that took too long because the image was still being pulled.
std::optional<Diagnosis> find_slow_pull(const Symptoms& symptoms);

/// Finds a start that took too long because the container was still being created.
std::optional<Diagnosis> find_slow_creation(const Symptoms& symptoms);

/// Finds a service that is not the main process of its unit, so that systemd ignored its messages.
std::optional<Diagnosis> find_foreign_main_process(const Symptoms& symptoms);

/// Finds a READY=1 that `wrap` ignored. The log of `wrap` names the process that sent READY=1.
std::optional<Diagnosis> find_ignored_ready(const Symptoms& symptoms);

/// Finds the probe of --ready-when that did not succeed.
std::optional<Diagnosis> find_unmet_probe(const Symptoms& symptoms);

/// Finds any start that took too long. Must be called after the functions above.
std::optional<Diagnosis> find_late_start(const Symptoms& symptoms);

/// Finds a stop that took too long.
std::optional<Diagnosis> find_late_stop(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
