#pragma once

#include "init/manager/engine_state.hpp"

/// Runs jobs in the order of their units, ends them, and fails those that needed what failed.
namespace notifybridge::manager {

/// Makes this the job of its unit: adds it, merges it into the existing job, or replaces that.
Job& install_job(EngineState& engine, const Task& task);

/// Runs the next job that may have its turn. Returns whether there was any.
bool run_next_job(EngineState& engine);

/// Runs a waiting job when nothing is before it.
void enqueue_job(JobTable& jobs, Job& job);

/// Must be called after the files were read again. With the new order, jobs may run now, or be in a
/// cycle that no transaction has seen.
void look_at_jobs_again(JobTable& jobs);

/// Ends a job, and if `recursive`, the jobs that must end with it. If the operation was done
/// `already`, no message is logged.
void finish_job(EngineState& engine, Job& job, JobResult result, bool recursive, bool already);

/// Tells a unit's job of the unit's new state, which may end or contradict it. Returns whether no
/// job led to that state.
bool follow_state(EngineState& engine, Unit& unit, ActiveState state, bool reload_failed);

/// Returns a job whose deadline has passed, and removes that deadline.
Job* take_due_job(JobTable& jobs, std::uint64_t now);

}  // namespace notifybridge::manager
