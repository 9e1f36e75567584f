#pragma once

#include "init/rules/manager/engine_state.hpp"

/// Breaks cycles of installed jobs. A transaction leaves no cycles, but the type of a job may
/// change later: after the stop of a restart, or through a merge. In systemd, the jobs of such a
/// cycle wait for each other forever. Our manager runs one of these jobs first.
namespace notifybridge::manager {

void change_type(JobTable& jobs, Job& job, JobType type);

/// Breaks the cycles of jobs whose type or order has changed.
void break_job_cycles(EngineState& engine);

}  // namespace notifybridge::manager
