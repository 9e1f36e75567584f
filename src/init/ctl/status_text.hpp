#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "init/ctl/properties.hpp"

namespace notifybridge::ctl {

/// A condition or an assert that did not hold when the unit was to start.
struct Unmet {
    std::string kind;  ///< "Condition", "Assert"
    std::string text;  ///< "ConditionPathExists=|/run/ready"
    bool is_trigger = false;
};

/// What the manager says beside a unit's properties.
struct Related {
    std::vector<Unmet> unmet;  ///< In the order in which they were tested.
    std::function<std::string(const std::string& unit)> active_state;
    std::vector<pid_t> processes;  ///< What runs in its control group, if it has one.
};

/// What `status` says of a unit, in lines, but for its log. Ages are as of now.
std::string status_text(const Properties& unit, const Related& related, bool has_colour);

/// What it says of the manager and all units together.
std::string system_text(const Properties& manager);

/// The dot, circle or cross of this ActiveState.
std::string_view mark(std::string_view active);

/// What an Exec property says of one command that ended: "29 ExecStartPre=/bin/true (code=exited,
/// status=0/SUCCESS)". Empty where it did not run, or still runs.
std::string ended_process(std::string_view property, std::string_view command);

}  // namespace notifybridge::ctl
