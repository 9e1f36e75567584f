#include "init/manager/job_queue.hpp"

#include <algorithm>

#include "init/manager/activation.hpp"
#include "init/manager/engine.hpp"
#include "init/manager/job_messages.hpp"
#include "init/manager/merge.hpp"

namespace notifybridge::manager {
namespace {

Job*& slot(const Task& task) {
    return task.type == JobType::nop ? task.unit.nop_job : task.unit.job;
}

/// Returns whether a running job does what the task asks for. A reload has to run again: the
/// running one may have read its files before they changed.
bool covers_already(const Job& job, const Task& task) {
    return task.type != JobType::reload && merge(job.type, task.type) == job.type;
}

}  // namespace

JobQueue::~JobQueue() = default;

Job* JobQueue::find(std::uint64_t id) const {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : found->second.get();
}

std::vector<const Job*> JobQueue::list() const {
    std::vector<const Job*> jobs;
    for (const auto& [id, job] : jobs_)
        jobs.push_back(job.get());
    return jobs;
}

std::vector<std::uint64_t> JobQueue::ids() const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, job] : jobs_)
        ids.push_back(id);
    return ids;
}

Job& JobQueue::install(const Task& task) {
    // The end of a job may have installed another one.
    while (slot(task) && contradict(slot(task)->type, task.type))
        finish(*slot(task), JobResult::canceled, false, false);
    Job* job = slot(task);
    if (job)
        merge_into(*job, task);
    else
        job = &add(task);
    enqueue(*job);
    if (job->deadline == 0)
        begin_timeout(*job, task.unit.settings().unit.job_timeout);
    return *job;
}

Job& JobQueue::add(const Task& task) {
    const std::uint64_t id = ++last_id_;
    Job& job = *jobs_.emplace(id, std::make_unique<Job>(Job{task, id})).first->second;
    slot(task) = &job;
    return job;
}

void JobQueue::merge_into(Job& job, const Task& task) {
    if (job.state == Job::State::running && !covers_already(job, task))
        job.state = Job::State::waiting;
    change_type(job, *merge_and_collapse(job.type, task.type, task.unit.active_state()));
    // The transaction has looked for circles with the task's type, and not with this one.
    if (job.type != task.type)
        changed_.push_back(job.id);
    job.irreversible |= task.irreversible;
    job.ignores_order |= task.ignores_order;
}

void JobQueue::remove(Job& job) {
    engine_.graph_.suspect(job.unit);
    slot(job) = nullptr;
    deadlines_.set(job.id, 0);
    jobs_.erase(job.id);
}

/// Starts JobTimeoutSec=, or JobRunningTimeoutSec= if that ends sooner.
void JobQueue::begin_timeout(Job& job, util::TimeSpan timeout) {
    if (timeout == util::infinity)
        return;
    const std::uint64_t deadline =
        engine_.surroundings().now().monotonic + static_cast<std::uint64_t>(timeout.count());
    if (job.deadline != 0 && job.deadline <= deadline)
        return;
    job.deadline = std::max<std::uint64_t>(deadline, 1);
    deadlines_.set(job.id, job.deadline);
}

Job* JobQueue::take_due(std::uint64_t now) {
    const auto id = deadlines_.take_due(now);
    return id ? find(*id) : nullptr;
}

void JobQueue::enqueue(Job& job) {
    if (job.is_in_run_queue)
        return;
    job.is_in_run_queue = true;
    const Unit& unit = job.unit;
    run_queue_.push({.type = -static_cast<int>(unit.type()),
                     .nice = unit.settings().exec->nice.value_or(0),
                     .unit = std::string(unit.id()),
                     .job = job.id});
}

/// Enqueues the jobs that may have waited for one of this unit.
void JobQueue::enqueue_neighbours(const Unit& unit) {
    for (const Dependencies::Edge& edge : unit.dependencies.edges())
        if (edge.unit->job && (edge.effects & (Effect::before | Effect::after)) != 0)
            enqueue(*edge.unit->job);
}

void JobQueue::look_again() {
    changed_ = ids();
    for (const auto& [id, job] : jobs_)
        enqueue(*job);
}

bool JobQueue::run() {
    break_cycles();
    while (!run_queue_.empty()) {
        Job* const job = find(run_queue_.top().job);
        run_queue_.pop();
        if (!job)
            continue;
        job->is_in_run_queue = false;
        if (job->state != Job::State::waiting || !is_runnable(*job))
            continue;
        run(*job);
        return true;
    }
    return false;
}

bool JobQueue::is_runnable(const Job& job) const {
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

void JobQueue::run(Job& job) {
    const unit::UnitSettings& settings = job.unit.settings().unit;
    begin_timeout(job, settings.job_running_timeout.value_or(settings.job_timeout));
    job.state = Job::State::running;
    Unit& unit = job.unit;
    const JobType type = job.type;
    const std::uint64_t id = job.id;
    const std::string before(unit.sub_state());
    const Verdict verdict = perform(job);
    // The job may have ended on the way, or been replaced.
    Job* const left = find(id);
    if (!left)
        return;
    // A stop that is over at once, as of a unit that waits for its restart, is not announced.
    const bool is_over = type != JobType::start && is_down(unit.active_state());
    if (verdict == Verdict::begun && unit.sub_state() != before && !is_over)
        announce(unit, util::Severity::info, start_message(unit, type));
    conclude(*left, verdict);
}

Verdict JobQueue::perform(const Job& job) {
    switch (job.type) {
        case JobType::start:
            return activate(engine_, job.unit);
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

/// Applies a verdict to the job.
void JobQueue::conclude(Job& job, Verdict verdict) {
    const auto end = [&](JobResult result) { finish(job, result, true, false); };
    switch (verdict) {
        case Verdict::begun:
            return;
        case Verdict::again:
            job.state = Job::State::waiting;
            return;
        case Verdict::already:
            return finish(job, JobResult::done, true, true);
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

void JobQueue::announce(const Unit& unit, util::Severity severity, const std::string& text) {
    if (!text.empty())
        engine_.surroundings().announce(severity, unit, text);
}

void JobQueue::finish(Job& job, JobResult result, bool recursive, bool already) {
    Unit& unit = job.unit;
    const Job over = job;
    if (!already)
        announce(unit, end_severity(result), end_message(unit, over.type, result));
    if (result == JobResult::done && over.type == JobType::restart) {
        change_type(job, JobType::start);
        job.state = Job::State::waiting;
        enqueue(job);
        enqueue_neighbours(unit);
        return;
    }
    remove(job);
    if (engine_.on_job_end)
        engine_.on_job_end(over, result);
    if (recursive)
        fail_dependents_of(over, result);
    if (result == JobResult::timeout || result == JobResult::dependency)
        engine_.follow_up_.start_after_failed_job(unit, over.type, result);
    engine_.follow_up_.tell_triggers(unit);
    enqueue_neighbours(unit);
}

/// Fails the jobs that needed this one, or needed its unit to come up.
void JobQueue::fail_dependents_of(const Job& over, JobResult result) {
    const Unit& unit = over.unit;
    const bool starts = over.type == JobType::start || over.type == JobType::verify_active;
    if (result != JobResult::done) {
        if (starts)
            fail_dependents(unit, Effect::propagate_start_failure);
        else if (over.type == JobType::stop)
            fail_dependents(unit, Effect::propagate_stop_failure);
        return;
    }
    // A verification may have been merged into a start that is done, but left nothing up: a
    // condition did not hold, or a oneshot service is over.
    const bool was_verified = over.type == JobType::start || over.type == JobType::reload;
    if (was_verified && !is_up(unit.active_state()))
        fail_dependents(unit, Effect::propagate_inactive_start_as_failure);
}

void JobQueue::fail_dependents(const Unit& unit, Effect effect) {
    for (const Unit* const other : unit.dependencies.list(effect)) {
        Job* const job = other->job;
        if (job && (job->type == JobType::start || job->type == JobType::verify_active))
            finish(*job, JobResult::dependency, true, false);
    }
}

}  // namespace notifybridge::manager
