#include "init/rules/manager/job_cycle.hpp"

#include <utility>

#include "base/util/concat.hpp"
#include "init/rules/manager/job_queue.hpp"
#include "init/rules/manager/order_cycle.hpp"

namespace notifybridge::manager {
namespace {

using util::concat;

void break_job_cycle(EngineState& engine, Job& job) {
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
        engine.surroundings.say(util::Severity::warning, &first.unit,
                                concat("found an ordering cycle: ", circle,
                                       "; running this unit's job without waiting, to break the "
                                       "cycle. Remove an After= or Before= of these units."));
        first.ignores_order = true;
        enqueue_job(engine.jobs, first);
    }
}

}  // namespace

void change_type(JobTable& jobs, Job& job, JobType type) {
    if (job.type != type)
        jobs.changed.push_back(job.id);
    job.type = type;
}

void break_job_cycles(EngineState& engine) {
    for (const std::uint64_t id : std::exchange(engine.jobs.changed, {}))
        if (Job* const job = engine.jobs.find(id))
            break_job_cycle(engine, *job);
}

}  // namespace notifybridge::manager
