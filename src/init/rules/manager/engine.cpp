#include "init/rules/manager/engine.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "init/rules/manager/emergency.hpp"
#include "init/rules/manager/follow_up.hpp"
#include "init/rules/manager/job_queue.hpp"
#include "init/rules/manager/request.hpp"
#include "init/rules/manager/unit_graph.hpp"

namespace notifybridge::manager {
namespace {

// The limits of one call of `run_due`, so that the event loop handles other events between two
// calls. A client that queries the status, or a service that sends READY=1, may have to wait for
// `longest_turn` and for the end of the last round. A round starts at most one or two units.
constexpr int rounds = 256;
constexpr std::uint64_t longest_turn = 5'000;  // µs

std::uint64_t earlier(std::uint64_t one, std::uint64_t other) {
    return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
}

}  // namespace

Engine::Engine(Surroundings& surroundings, Loader load, Factory make)
    : state_{surroundings, hooks, std::move(load),
             [this, make = std::move(make)](load::LoadedUnit unit) {
                 return make(*this, std::move(unit));
             }} {}

Unit& Engine::unit(const unit::UnitName& name) {
    return get_unit(state_, name);
}

Engine::Enqueued Engine::enqueue(JobType type, Unit& unit, unit::JobMode mode) {
    return manager::enqueue(state_, type, unit, mode);
}

std::optional<Refusal> Engine::try_job(JobType type, Unit& unit, unit::JobMode mode) {
    return manager::try_job(state_, type, unit, mode);
}

void Engine::propagate_reload(Unit& unit) {
    manager::propagate_reload(state_, unit);
}

void Engine::add_trigger(Unit& socket, Unit& service) {
    add_lasting_edge(state_.units, socket, Relation::before, service);
    add_lasting_edge(state_.units, socket, Relation::triggers, service);
}

const Unit* Engine::monitored_by(const Unit& handler) const {
    std::vector<Unit*> units = handler.dependencies.list(Relation::on_failure_of);
    const std::vector<Unit*> others = handler.dependencies.list(Relation::on_success_of);
    units.insert(units.end(), others.begin(), others.end());
    const bool is_one =
        std::ranges::all_of(units, [&units](Unit* unit) { return unit == units.front(); });
    return units.empty() || !is_one ? nullptr : units.front();
}

bool Engine::cancel(std::uint64_t id) {
    Job* const job = state_.jobs.find(id);
    if (job)
        finish_job(state_, *job, JobResult::canceled, true, false);
    return job != nullptr;
}

void Engine::reset_failed(Unit& unit) {
    unit.reset_failed();
    unit.start_limit.reset();
    unit.start_limit_hit = false;
}

void Engine::changed(Unit& unit, ActiveState before, bool reload_failed) {
    follow_change(state_, unit, before, reload_failed);
}

void Engine::deadline_changed(const Unit& unit) {
    state_.units.deadlines.set(unit.serial(), unit.deadline());
}

void Engine::use_ended(const Unit& unit) {
    suspect(state_.units, unit);
}

void Engine::conditions_known(const Unit& unit) {
    if (unit.job)
        enqueue_job(state_.jobs, *unit.job);
}

void Engine::run_due() {
    const std::uint64_t now = surroundings().now().monotonic;
    for (int round = 0; round < rounds; ++round) {
        const bool has_checked = run_checks(state_);
        const bool has_passed = pass_deadline(now);
        const bool has_run = run_next_job(state_);
        const bool is_any = has_checked || has_passed || has_run;
        if (!is_any || surroundings().now().monotonic - now >= longest_turn)
            return;
    }
}

/// Handles one deadline that has passed. Returns false if there is none.
bool Engine::pass_deadline(std::uint64_t now) {
    if (Job* const job = take_due_job(state_.jobs, now)) {
        job_timed_out(*job);
        return true;
    }
    if (retry_due(state_, now))
        return true;
    const auto serial = state_.units.deadlines.take_due(now);
    if (!serial)
        return false;
    // The unit exists, because removing a unit also removes its deadline.
    Unit& unit = *state_.units.find(*serial);
    const std::uint64_t deadline = unit.deadline();
    if (deadline != 0 && deadline <= now)
        unit.deadline_passed();
    // Store the deadline again, because the unit may have postponed it.
    deadline_changed(unit);
    return true;
}

void Engine::job_timed_out(Job& job) {
    Unit& unit = job.unit;
    unit.warn(util::concat("Job ", unit.id(), '/', to_string(job.type), " timed out."));
    finish_job(state_, job, JobResult::timeout, true, false);
    act(state_, unit.settings().unit.job_timeout_action, std::nullopt, "job timed out", true);
}

std::uint64_t Engine::next_deadline() const {
    if (!state_.jobs.run_queue.empty() || has_checks(state_))
        return 1;
    return earlier(earlier(state_.jobs.deadlines.next(), state_.checks.retries.next()),
                   state_.units.deadlines.next());
}

void Engine::reload_files() {
    reload_units(state_);
    recheck_jobs(state_.jobs);
    for (const Unit* const unit : units()) {
        deadline_changed(*unit);
        check_again(state_.checks, *unit);
    }
}

}  // namespace notifybridge::manager
