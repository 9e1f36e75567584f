#pragma once

#include <functional>
#include <vector>

#include "init/manager/job.hpp"

namespace notifybridge::manager {

/// Looks for a circle in the order of tasks, on the ways that lead from `starts`. `task_of` is what
/// is to be done to a unit, and null where that is nothing. The circle goes against the order: each
/// unit waits for the one after it in the list, and the last for the first; empty where there is
/// none.
std::vector<Unit*> find_cycle(const std::vector<Unit*>& starts,
                              const std::function<const Task*(const Unit&)>& task_of);

}  // namespace notifybridge::manager
