#include "init/rules/manager/job_queue.hpp"

/// Applies a unit's new state to its job. The job succeeds, fails or continues.
namespace notifybridge::manager {
namespace {

/// Applies the new state to a start job. If the unit is down again without a failure, the start has
/// succeeded, because this is how a oneshot service ends.
bool follow_start(EngineState& engine, Job& job, ActiveState state) {
    if (is_up(state)) {
        finish_job(engine, job, JobResult::done, true, false);
        return false;
    }
    if (job.state != Job::State::running || state == ActiveState::activating)
        return false;
    if (is_down(state))
        finish_job(engine, job, state == ActiveState::failed ? JobResult::failed : JobResult::done,
                   true, false);
    return true;
}

bool follow_reload(EngineState& engine, Job& job, ActiveState state, bool reload_failed) {
    if (job.state != Job::State::running)
        return false;
    if (state == ActiveState::active) {
        finish_job(engine, job, reload_failed ? JobResult::failed : JobResult::done, true, false);
        return false;
    }
    if (state == ActiveState::activating || state == ActiveState::reloading)
        return false;
    if (is_down(state))
        finish_job(engine, job, state == ActiveState::failed ? JobResult::failed : JobResult::done,
                   true, false);
    return true;
}

bool follow_stop(EngineState& engine, Job& job, ActiveState state) {
    if (is_down(state)) {
        finish_job(engine, job, JobResult::done, true, false);
        return false;
    }
    if (job.state != Job::State::running || state == ActiveState::deactivating)
        return false;
    finish_job(engine, job, JobResult::failed, true, false);
    return true;
}

}  // namespace

bool follow_state(EngineState& engine, Unit& unit, ActiveState state, bool reload_failed) {
    Job* const job = unit.job;
    if (!job)
        return true;
    // The job may be waiting because the unit could not perform it earlier, so try again.
    if (job->state == Job::State::waiting)
        enqueue_job(engine.jobs, *job);
    switch (job->type) {
        case JobType::start:
        case JobType::verify_active:
            return follow_start(engine, *job, state);
        case JobType::reload:
            return follow_reload(engine, *job, state, reload_failed);
        default:  // A restart begins as a stop.
            return follow_stop(engine, *job, state);
    }
}

}  // namespace notifybridge::manager
