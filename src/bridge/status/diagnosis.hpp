#pragma once

#include <optional>
#include <string>

#include "bridge/status/finding.hpp"
#include "bridge/status/symptoms.hpp"

/// Pure: the cause of a unit's failure, and what to do about it.
namespace notifybridge::status {

struct Diagnosis {
    Finding::Verdict verdict = Finding::Verdict::problem;
    std::string cause;
    std::string remedy;

    bool operator==(const Diagnosis&) const = default;
};

/// The cause that keeps the unit from running, and one remedy. A note if the unit is only starting.
/// Nothing if the unit is active and its settings let systemd hear what it is told.
std::optional<Diagnosis> diagnose(const Symptoms& symptoms);

/// A setting by which systemd does not wait for READY=1, or drops what it is told.
std::optional<Diagnosis> diagnose_type(const UnitFacts& unit, const std::string& remedy);

/// Whether the unit failed, also if systemd starts it again soon.
bool has_failed(const UnitFacts& unit);

}  // namespace notifybridge::status
