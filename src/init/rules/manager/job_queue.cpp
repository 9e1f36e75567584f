#include "init/rules/manager/job_queue.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "init/rules/manager/activation.hpp"
#include "init/rules/manager/follow_up.hpp"
#include "init/rules/manager/job_cycle.hpp"
#include "init/rules/manager/job_messages.hpp"
#include "init/rules/manager/merge.hpp"
#include "init/rules/manager/unit_graph.hpp"

namespace notifybridge::manager {
namespace {

Job*& slot(const Task& task) {
    return task.type == JobType::nop ? task.unit.nop_job : task.unit.job;
}

/// Returns whether a running job does the work that the task requests. A running reload does not do
/// the work of another reload, because it may have read its files before they changed.
bool covers_already(const Job& job, const Task& task) {
    return task.type != JobType::reload && merge(job.type, task.type) == job.type;
}

/// Sets the job's deadline to the end of `timeout`, unless the job has an earlier deadline.
/// `timeout` is JobTimeoutSec= or JobRunningTimeoutSec=.
void begin_timeout(EngineState& engine, Job& job, util::TimeSpan timeout) {
    if (timeout == util::infinity)
        return;
    const std::uint64_t deadline =
        engine.surroundings.now().monotonic + static_cast<std::uint64_t>(timeout.count());
    if (job.deadline != 0 && job.deadline <= deadline)
        return;
    job.deadline = std::max<std::uint64_t>(deadline, 1);
    engine.jobs.deadlines.set(job.id, job.deadline);
}

Job& add(JobTable& jobs, const Task& task) {
    const std::uint64_t id = ++jobs.last_id;
    Job& job = *jobs.by_id.emplace(id, std::make_unique<Job>(Job{task, id})).first->second;
    slot(task) = &job;
    return job;
}

void merge_into(EngineState& engine, Job& job, const Task& task) {
    if (job.state == Job::State::running && !covers_already(job, task))
        job.state = Job::State::waiting;
    change_type(engine.jobs, job,
                *merge_and_collapse(job.type, task.type, task.unit.active_state()));
    // The transaction searched for cycles with the type of the task. The merged job has another
    // type, so check for cycles again.
    if (job.type != task.type)
        engine.jobs.changed.push_back(job.id);
    job.irreversible |= task.irreversible;
    job.ignores_order |= task.ignores_order;
}

void remove(EngineState& engine, Job& job) {
    suspect(engine.units, job.unit);
    slot(job) = nullptr;
    engine.jobs.deadlines.set(job.id, 0);
    engine.jobs.by_id.erase(job.id);
}

/// Queues the jobs that may have waited for a job of this unit.
void enqueue_neighbours(JobTable& jobs, const Unit& unit) {
    for (const Dependencies::Edge& edge : unit.dependencies.edges())
        if (edge.unit->job && (edge.effects & (Effect::before | Effect::after)) != 0)
            enqueue_job(jobs, *edge.unit->job);
}

bool is_runnable(const Job& job) {
    if (job.ignores_order || job.type == JobType::nop)
        return true;
    const auto waits_for = [&job](const Unit& other, bool is_ordered_after) {
        return other.job && order_of(job, *other.job, is_ordered_after) == Order::after;
    };
    const auto& dependencies = job.unit.dependencies;
    return std::ranges::none_of(dependencies.with(Effect::after),
                                [&](const Unit& other) { return waits_for(other, true); })
           && std::ranges::none_of(dependencies.with(Effect::before),
                                   [&](const Unit& other) { return waits_for(other, false); });
}

Verdict perform(EngineState& engine, const Job& job) {
    switch (job.type) {
        case JobType::start:
            return activate(engine, job.unit);
        case JobType::stop:
        case JobType::restart:
            return deactivate(job.unit);
        case JobType::reload:
            return reload(job.unit);
        case JobType::verify_active:
            if (is_up(job.unit.active_state()))
                return Verdict::already;
            return job.unit.active_state() == ActiveState::activating ? Verdict::again
                                                                      : Verdict::inactive;
        default:
            return Verdict::already;
    }
}

void announce(EngineState& engine, const Unit& unit, util::Severity severity,
              const std::string& text) {
    if (!text.empty())
        engine.surroundings.announce(severity, unit, text);
}

/// Applies a verdict to the job.
void conclude(EngineState& engine, Job& job, Verdict verdict) {
    const auto end = [&](JobResult result) { finish_job(engine, job, result, true, false); };
    switch (verdict) {
        case Verdict::begun:
            return;
        case Verdict::again:
            job.state = Job::State::waiting;
            return;
        case Verdict::already:
            return finish_job(engine, job, JobResult::done, true, true);
        case Verdict::skipped:
            return end(JobResult::done);
        case Verdict::inactive:
        case Verdict::not_possible:
            return end(JobResult::skipped);
        case Verdict::invalid:
            return end(JobResult::invalid);
        case Verdict::asserted:
            return end(JobResult::assertion);
        case Verdict::unsupported:
            return end(JobResult::unsupported);
        case Verdict::dependency:
            return end(JobResult::dependency);
        case Verdict::limited:
        case Verdict::failed:
            return end(JobResult::failed);
    }
}

void run(EngineState& engine, Job& job) {
    const unit::UnitSettings& settings = job.unit.settings().unit;
    begin_timeout(engine, job, settings.job_running_timeout.value_or(settings.job_timeout));
    job.state = Job::State::running;
    Unit& unit = job.unit;
    const JobType type = job.type;
    const std::uint64_t id = job.id;
    const std::string before(unit.sub_state());
    const Verdict verdict = perform(engine, job);
    // The call of `perform` may have ended or replaced the job.
    Job* const left = engine.jobs.find(id);
    if (!left)
        return;
    // Do not announce a stop that has no work to do, such as the stop of a unit that waits for its
    // restart.
    const bool is_over = type != JobType::start && is_down(unit.active_state());
    if (verdict == Verdict::begun && unit.sub_state() != before && !is_over)
        announce(engine, unit, util::Severity::info, start_message(unit, type));
    conclude(engine, *left, verdict);
}

/// Fails the start jobs that needed the job of `unit`, and logs the reason in the logs of their
/// units.
void fail_dependents(EngineState& engine, const Unit& unit, Effect effect) {
    for (const Unit* const other : unit.dependencies.list(effect)) {
        Job* const job = other->job;
        if (!job || (job->type != JobType::start && job->type != JobType::verify_active))
            continue;
        other->say(util::Severity::notice,
                   util::concat("Dependency ", unit.id(), " failed; see 'systemctl status ",
                                unit.id(), "'."));
        finish_job(engine, *job, JobResult::dependency, true, false);
    }
}

/// Fails the jobs that needed the job `over`, or that needed the unit of this job to become active.
void fail_dependents_of(EngineState& engine, const Job& over, JobResult result) {
    const Unit& unit = over.unit;
    const bool starts = over.type == JobType::start || over.type == JobType::verify_active;
    if (result != JobResult::done) {
        if (starts)
            fail_dependents(engine, unit, Effect::propagate_start_failure);
        else if (over.type == JobType::stop)
            fail_dependents(engine, unit, Effect::propagate_stop_failure);
        return;
    }
    // A start may succeed and leave the unit inactive, because a condition did not hold or a
    // oneshot service has ended. The job that Requisite= pulled in may have been merged into this
    // job. Therefore, the jobs of units with Requisite= fail now.
    const bool was_verified = over.type == JobType::start || over.type == JobType::reload;
    if (was_verified && !is_up(unit.active_state()))
        fail_dependents(engine, unit, Effect::propagate_inactive_start_as_failure);
}

}  // namespace

Job& install_job(EngineState& engine, const Task& task) {
    // Use a loop, because the end of a job may install another job.
    while (slot(task) && contradict(slot(task)->type, task.type))
        finish_job(engine, *slot(task), JobResult::canceled, false, false);
    Job* job = slot(task);
    if (job)
        merge_into(engine, *job, task);
    else
        job = &add(engine.jobs, task);
    enqueue_job(engine.jobs, *job);
    if (job->deadline == 0)
        begin_timeout(engine, *job, task.unit.settings().unit.job_timeout);
    return *job;
}

Job* take_due_job(JobTable& jobs, std::uint64_t now) {
    const auto id = jobs.deadlines.take_due(now);
    return id ? jobs.find(*id) : nullptr;
}

void enqueue_job(JobTable& jobs, Job& job) {
    if (job.is_in_run_queue)
        return;
    job.is_in_run_queue = true;
    const Unit& unit = job.unit;
    jobs.run_queue.push({.type = -static_cast<int>(unit.type()),
                         .nice = unit.settings().exec->nice.value_or(0),
                         .unit = std::string(unit.id()),
                         .job = job.id});
}

void recheck_jobs(JobTable& jobs) {
    jobs.changed = jobs.ids();
    for (const auto& [id, job] : jobs.by_id)
        enqueue_job(jobs, *job);
}

bool run_next_job(EngineState& engine) {
    break_job_cycles(engine);
    while (!engine.jobs.run_queue.empty()) {
        Job* const job = engine.jobs.find(engine.jobs.run_queue.top().job);
        engine.jobs.run_queue.pop();
        if (!job)
            continue;
        job->is_in_run_queue = false;
        if (job->state != Job::State::waiting || !is_runnable(*job))
            continue;
        run(engine, *job);
        return true;
    }
    return false;
}

void finish_job(EngineState& engine, Job& job, JobResult result, bool recursive, bool already) {
    Unit& unit = job.unit;
    const Job over = job;
    if (!already)
        announce(engine, unit, end_severity(result), end_message(unit, over.type, result));
    if (result == JobResult::done && over.type == JobType::restart) {
        change_type(engine.jobs, job, JobType::start);
        job.state = Job::State::waiting;
        enqueue_job(engine.jobs, job);
        enqueue_neighbours(engine.jobs, unit);
        return;
    }
    remove(engine, job);
    if (engine.hooks.on_job_end)
        engine.hooks.on_job_end(over, result);
    if (recursive)
        fail_dependents_of(engine, over, result);
    if (result == JobResult::timeout || result == JobResult::dependency)
        start_after_failed_job(engine, unit, over.type, result);
    notify_triggers(unit);
    enqueue_neighbours(engine.jobs, unit);
}

}  // namespace notifybridge::manager
