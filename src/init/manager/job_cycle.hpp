#pragma once

#include "init/manager/engine_state.hpp"

/// Circles of installed jobs: a transaction leaves none, but a job's type may change, when a
/// restart has done its stop or when it is merged with another job. systemd lets such jobs wait for
/// each other for ever; here one of them goes ahead.
namespace notifybridge::manager {

void change_type(JobTable& jobs, Job& job, JobType type);

/// Breaks the circles of jobs that have changed.
void break_job_cycles(EngineState& engine);

}  // namespace notifybridge::manager
