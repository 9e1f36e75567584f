#pragma once

#include <vector>

#include "base/util/function_ref.hpp"
#include "init/rules/manager/job.hpp"

namespace notifybridge::manager {

/// Searches for a cycle in the order of tasks, beginning at `starts`. `task_of` returns the task of
/// a unit, or null. In the result, each unit waits for the next unit, and the last unit waits for
/// the first. Returns an empty list if no cycle exists.
std::vector<Unit*> find_cycle(const std::vector<Unit*>& starts,
                              util::FunctionRef<const Task*(const Unit&)> task_of);

}  // namespace notifybridge::manager
