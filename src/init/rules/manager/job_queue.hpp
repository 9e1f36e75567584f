#pragma once

#include "init/rules/manager/engine_state.hpp"

/// Runs jobs in the order of their units, ends jobs, and fails the jobs that needed a failed job.
namespace notifybridge::manager {

/// Installs the task as the job of its unit. If the unit has a job already, merges the task into
/// this job or replaces this job.
Job& install_job(EngineState& engine, const Task& task);

/// Runs the next job that may run. Returns false if there is none.
bool run_next_job(EngineState& engine);

/// Queues a waiting job, which runs as soon as no other job is ordered before it.
void enqueue_job(JobTable& jobs, Job& job);

/// Queues checks of all jobs. Must be called after the files were read again, because the new order
/// may allow a waiting job to run, or may create a cycle of jobs.
void recheck_jobs(JobTable& jobs);

/// Ends a job. If `recursive` is true, also ends the jobs that must end with this job. If `already`
/// is true, the job had nothing to do, and no message is logged.
void finish_job(EngineState& engine, Job& job, JobResult result, bool recursive, bool already);

/// Applies a unit's new state to its job. The new state may complete the job, or may contradict
/// the job. Returns true if no job caused the new state.
bool follow_state(EngineState& engine, Unit& unit, ActiveState state, bool reload_failed);

/// Returns a job whose deadline has passed, and removes that deadline. Returns null if no deadline
/// has passed.
Job* take_due_job(JobTable& jobs, std::uint64_t now);

}  // namespace notifybridge::manager
