#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "init/ctl/properties.hpp"

namespace notifybridge::ctl {

/// A condition or assert that did not hold at the last start.
struct Unmet {
    std::string kind;  ///< "Condition", "Assert"
    std::string text;  ///< "ConditionPathExists=|/run/ready"
    bool is_trigger = false;
};

/// The data about a unit that the manager does not send as properties.
struct Related {
    std::vector<Unmet> unmet;  ///< Conditions and asserts, in the order of testing.
    std::function<std::string(const std::string& unit)> active_state;
    std::vector<pid_t> processes;  ///< The unit's processes.
    /// The next time at which a timer elapses, in microseconds since 1970. 0 if the time is not
    /// known. Unset if the timer never elapses.
    std::optional<std::uint64_t> next_elapse;
};

/// Returns the lines of `status` for a unit, without its log. Ages in the text are relative to the
/// current time.
std::string status_text(const Properties& unit, const Related& related, bool has_colour);

/// Returns the lines of `status` for the manager and all units.
std::string system_text(const Properties& manager);

/// Returns the dot, circle, cross or arrow for an ActiveState.
std::string_view mark(std::string_view active);

/// Returns a line for a command that has ended: "29 ExecStartPre=/bin/true (code=exited,
/// status=0/SUCCESS)". Returns an empty text if the command has not run or is still running.
/// `command` comes from an Exec property.
std::string ended_process(std::string_view property, std::string_view command);

}  // namespace notifybridge::ctl
