#pragma once

#include <optional>
#include <string>

#include "bridge/diagnosis/diagnosis.hpp"

/// Finds causes for a unit with `wait --listen`, whose app is a virtual machine. Pure.
namespace notifybridge::diagnosis {

/// Returns why the unit failed, and one remedy. Returns nullopt if the unit has no virtual machine,
/// or if the cause is not specific to virtual machines.
std::optional<Diagnosis> find_machine_fault(const Symptoms& symptoms);

/// Returns what a starting unit waits for. Returns nullopt if the unit has no virtual machine.
std::optional<Diagnosis> diagnose_machine_start(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
