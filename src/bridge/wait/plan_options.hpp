#pragma once

#include "bridge/wait/host_plan.hpp"
#include "bridge/wait/settings.hpp"

namespace notifybridge::wait {

/// Returns the options of HostPlan that follow from the settings of `wait`.
HostPlan::Options plan_options(const Settings& settings);

}  // namespace notifybridge::wait
