#pragma once

#include <string>

#include "bridge/diagnosis/symptoms.hpp"

/// The limits on the time until READY=1: that of systemd, and those of `wrap` and `wait`. Pure.
namespace notifybridge::diagnosis {

/// A limit on the time until READY=1.
struct TimeLimit {
    /// Whether the start of the unit took longer than this limit.
    bool (*is_passed)(const Symptoms&);
    std::string (*name)(const Symptoms&);    ///< "TimeoutStartSec= (90s)"
    std::string (*longer)(const Symptoms&);  ///< How the user can set a longer time.
};

/// Returns the limit that ended the start of the unit. Returns null if there was no such limit.
const TimeLimit* passed_limit(const Symptoms& symptoms);

/// Returns how to give an app more time to become ready, in a unit that failed or is starting: "set
/// a longer TimeoutStartSec= (…)".
std::string more_time(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis
