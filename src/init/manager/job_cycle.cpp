#include "base/util/concat.hpp"
#include "init/manager/engine.hpp"
#include "init/manager/job_queue.hpp"
#include "init/manager/order_cycle.hpp"

/// Circles of installed jobs: a transaction leaves none, but a job's type may change, when a
/// restart has done its stop or when it is merged with another job. systemd lets such jobs wait for
/// each other for ever; here one of them goes ahead.
namespace notifybridge::manager {

using util::concat;

void JobQueue::change_type(Job& job, JobType type) {
    if (job.type != type)
        changed_.push_back(job.id);
    job.type = type;
}

void JobQueue::break_cycles() {
    for (const std::uint64_t id : std::exchange(changed_, {}))
        if (Job* const job = find(id))
            break_cycle(*job);
}

void JobQueue::break_cycle(Job& job) {
    const auto task_of = [](const Unit& unit) -> const Task* { return unit.job; };
    for (;;) {
        const auto cycle = find_cycle({&job.unit}, task_of);
        if (cycle.empty())
            return;
        std::string circle;
        for (const Unit* const unit : cycle)
            circle +=
                concat(circle.empty() ? "" : ", ", unit->id(), '/', to_string(unit->job->type));
        Job& first = *cycle.front()->job;
        engine_.surroundings().say(
            util::Severity::warning, &first.unit,
            concat("Found an ordering cycle: ", circle, ". This unit does not wait for its turn."));
        first.ignores_order = true;
        enqueue(first);
    }
}

}  // namespace notifybridge::manager
