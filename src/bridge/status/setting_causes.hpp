#pragma once

#include <optional>
#include <string>

#include "bridge/status/diagnosis.hpp"

/// Finds causes in settings of the unit other than ExecStart=. Pure.
namespace notifybridge::status {

/// Finds a command such as ExecStartPost= or ExecStop= whose failure made the unit fail.
std::optional<Diagnosis> find_failed_command(const Symptoms& symptoms);

/// Finds a unit that systemd stopped after RuntimeMaxSec=.
std::optional<Diagnosis> find_end_of_runtime(const Symptoms& symptoms);

/// Finds a start that timed out because systemd does not wait for READY=1 in units of this type.
std::optional<Diagnosis> find_deaf_type(const Symptoms& symptoms);

/// Finds why systemd did not start an inactive unit: a condition, ExecCondition=, or another unit.
std::optional<Diagnosis> find_refused_start(const Symptoms& symptoms);

}  // namespace notifybridge::status
