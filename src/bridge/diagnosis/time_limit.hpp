#pragma once

#include <optional>
#include <string>

#include "bridge/diagnosis/diagnosis.hpp"

/// The limits on the time until READY=1: that of systemd, and those of `wrap` and `wait`. Pure.
namespace notifybridge::diagnosis {

/// Returns the limit that ended the start of the unit: as the cause its name, such as
/// "TimeoutStartSec= (90s)", and as the remedy how to set a longer time. Returns nullopt if there
/// was no such limit.
std::optional<Diagnosis> passed_limit(const Symptoms& symptoms);

/// Returns how to give an app more time to become ready, in a unit that failed or is starting: "set
/// a longer TimeoutStartSec= (…)".
std::string more_time(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
