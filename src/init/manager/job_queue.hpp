#pragma once

#include "init/manager/engine_state.hpp"

/// Runs jobs in the order of their units, ends jobs, and fails the jobs that needed a failed one.
namespace notifybridge::manager {

/// Makes the task the job of its unit. Adds a job, or merges the task into the existing job, or
/// replaces that job.
Job& install_job(EngineState& engine, const Task& task);

/// Runs the next job that may run. Returns false if there is none.
bool run_next_job(EngineState& engine);

/// Lets a waiting job run as soon as no job is ordered before it.
void enqueue_job(JobTable& jobs, Job& job);

/// Checks all jobs against the new order. Must be called after the files were read again. Jobs may
/// be free to run now, or form a cycle that no transaction has seen.
void look_at_jobs_again(JobTable& jobs);

/// Ends a job. If `recursive` is true, also ends the jobs that must end with it. If `already` is
/// true, the job had nothing to do, and no message is logged.
void finish_job(EngineState& engine, Job& job, JobResult result, bool recursive, bool already);

/// Tells a unit's job that the unit has a new state. This may end or contradict the job. Returns
/// whether no job has caused that state.
bool follow_state(EngineState& engine, Unit& unit, ActiveState state, bool reload_failed);

/// Returns a job whose deadline has passed, and removes that deadline.
Job* take_due_job(JobTable& jobs, std::uint64_t now);

}  // namespace notifybridge::manager
