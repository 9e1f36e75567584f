#pragma once

#include <optional>
#include <string>

#include "bridge/diagnosis/finding.hpp"
#include "bridge/diagnosis/symptoms.hpp"

/// Finds the cause of a unit's failure, and what to do about it. Pure.
namespace notifybridge::diagnosis {

struct Diagnosis {
    Finding::Verdict verdict = Finding::Verdict::problem;
    std::string cause;
    std::string remedy;

    bool operator==(const Diagnosis&) const = default;
};

/// Returns the reason why the unit does not run, and one remedy. If the unit is still starting, the
/// verdict is a note. Returns nullopt if the unit is active and its settings let systemd accept the
/// messages.
std::optional<Diagnosis> diagnose(const Symptoms& symptoms);

/// Returns whether the unit failed. This includes a unit that systemd will soon start again.
bool has_failed(const UnitFacts& unit);

/// Returns whether systemd has restarted the unit and the unit is not active yet.
bool starts_again(const UnitFacts& unit);

/// Returns whether systemd has restarted the unit, and the unit is not active yet or was started a
/// few minutes ago.
bool was_just_restarted(const UnitFacts& unit, system::Moment now);

/// Returns a note with the cause of the last restart of a unit that is active again. Returns
/// nullopt if systemd has not restarted the unit a short time ago, or if the last run has not
/// failed.
std::optional<Diagnosis> diagnose_restart(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
