#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds what is wrong with a unit that starts or runs. Pure.
namespace notifybridge::diagnosis {

/// Finds a reload that goes on for long, or whose last one failed because the app did not report
/// it.
std::optional<Diagnosis> find_failed_reload(const Symptoms& symptoms);

/// Returns how long ago the state of the unit changed, in full seconds.
std::chrono::seconds age_of_state(const Symptoms& symptoms);

/// Returns a diagnosis if a setting makes systemd drop messages, or if systemd does not wait for
/// READY=1. Otherwise, returns nullopt.
std::optional<Diagnosis> diagnose_type(const UnitFacts& unit, const std::string& remedy);

/// Returns a diagnosis if PIDFile= lets systemd take another process for the main process after it
/// has run ExecReload= or ExecStartPost=, and the app names no main process itself. Otherwise,
/// returns nullopt.
std::optional<Diagnosis> diagnose_pid_file(const UnitFacts& unit, const StartCommand& command,
                                           const std::string& remedy);

}  // namespace notifybridge::diagnosis
