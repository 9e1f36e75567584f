#pragma once

#include "init/manager/engine_state.hpp"

/// Breaks cycles of installed jobs. A transaction leaves none, but a job's type may change: after
/// the stop of a restart, or by a merge. In systemd such jobs wait for each other forever; here one
/// of them runs first.
namespace notifybridge::manager {

void change_type(JobTable& jobs, Job& job, JobType type);

/// Breaks the cycles of changed jobs.
void break_job_cycles(EngineState& engine);

}  // namespace notifybridge::manager
