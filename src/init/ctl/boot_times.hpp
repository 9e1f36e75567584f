#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "base/util/time_span.hpp"
#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

/// The times at which a unit last changed between its states, in microseconds of CLOCK_MONOTONIC; 0
/// if never.
struct UnitTimes {
    std::uint64_t activating = 0;
    std::uint64_t active = 0;
    std::uint64_t deactivating = 0;
    std::uint64_t inactive = 0;

    /// Returns how long the start of the unit took, as systemd-analyze counts it. The start ends
    /// when the unit is active or has ended. Returns zero if neither has happened.
    util::TimeSpan start_time() const;
};

/// The times of the boot, and of all units that have begun to start. All times are in microseconds
/// of CLOCK_MONOTONIC.
struct BootTimes {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::map<std::string, UnitTimes, std::less<>> units;

    /// Returns the time from the beginning of the boot to `time`.
    util::TimeSpan since_begin(std::uint64_t time) const;
    /// Returns the times of a unit, or null if it has never begun to start.
    const UnitTimes* find(std::string_view unit) const;
};

/// Requests the times from the manager. Throws Failure with systemd-analyze's text if the boot is
/// not finished.
BootTimes boot_times(const Context& context);

/// Returns a time span as systemd-analyze prints it: "1.250s".
std::string span_text(util::TimeSpan span);

/// Returns the lines that report how long the boot took: "Startup finished in 1.250s (userspace)".
std::string summary_of(const Context& context, const BootTimes& boot);

/// Returns the boot as an SVG picture, like `systemd-analyze plot`: one bar for each unit.
std::string picture_of(const std::string& summary, const BootTimes& boot);

}  // namespace notifybridge::ctl
