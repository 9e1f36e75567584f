#include "init/manager/engine.hpp"
#include "init/manager/job_queue.hpp"

/// What a unit's new state means for its job: the end, a contradiction, or neither.
namespace notifybridge::manager {

bool JobQueue::follow_state(Unit& unit, ActiveState state, bool reload_failed) {
    Job* const job = unit.job;
    if (!job)
        return true;
    // The job may have had its turn before the unit could do it.
    if (job->state == Job::State::waiting)
        enqueue(*job);
    switch (job->type) {
        case JobType::start:
        case JobType::verify_active:
            return follow_start(*job, state);
        case JobType::reload:
            return follow_reload(*job, state, reload_failed);
        default:  // A restart begins as a stop.
            return follow_stop(*job, state);
    }
}

/// A unit that is down again without a failure has started: a oneshot service is over so.
bool JobQueue::follow_start(Job& job, ActiveState state) {
    if (is_up(state)) {
        finish(job, JobResult::done, true, false);
        return false;
    }
    if (job.state != Job::State::running || state == ActiveState::activating)
        return false;
    if (is_down(state))
        finish(job, state == ActiveState::failed ? JobResult::failed : JobResult::done, true,
               false);
    return true;
}

bool JobQueue::follow_reload(Job& job, ActiveState state, bool reload_failed) {
    if (job.state != Job::State::running)
        return false;
    if (state == ActiveState::active) {
        finish(job, reload_failed ? JobResult::failed : JobResult::done, true, false);
        return false;
    }
    if (state == ActiveState::activating || state == ActiveState::reloading)
        return false;
    if (is_down(state))
        finish(job, state == ActiveState::failed ? JobResult::failed : JobResult::done, true,
               false);
    return true;
}

bool JobQueue::follow_stop(Job& job, ActiveState state) {
    if (is_down(state)) {
        finish(job, JobResult::done, true, false);
        return false;
    }
    if (job.state != Job::State::running || state == ActiveState::deactivating)
        return false;
    finish(job, JobResult::failed, true, false);
    return true;
}

}  // namespace notifybridge::manager
