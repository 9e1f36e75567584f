#include "init/manager/engine.hpp"

#include <algorithm>

#include "init/manager/merge.hpp"
#include "init/manager/transaction.hpp"

namespace notifybridge::manager {
namespace {

using unit::JobMode;
using MaybeRefusal = std::optional<Refusal>;

// A longer turn is interrupted for other events: a client that asks for a status, or a service that
// says READY=1, waits for no more than this and a start or two.
constexpr int rounds = 256;
constexpr std::uint64_t longest_turn = 5'000;  // µs

MaybeRefusal refuse_mode(JobType type, const Unit& unit, JobMode mode) {
    if (mode == JobMode::isolate && type != JobType::start)
        return Refusal{"Isolate is only valid for start.", "InvalidArgs"};
    if (mode == JobMode::isolate && !unit.settings().unit.allow_isolate)
        return Refusal{"Operation refused, unit may not be isolated.", "NoIsolation"};
    if (mode == JobMode::triggering && type != JobType::stop)
        return Refusal{"--job-mode=triggering is only valid for stop.", "InvalidArgs"};
    if (mode == JobMode::restart_dependencies && type != JobType::start)
        return Refusal{"--job-mode=restart-dependencies is only valid for start.", "InvalidArgs"};
    return std::nullopt;
}

std::uint64_t earlier(std::uint64_t one, std::uint64_t other) {
    return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
}

}  // namespace

Engine::Engine(Surroundings& surroundings, Loader load, Factory make)
    : surroundings_(surroundings),
      graph_(*this, std::move(load), std::move(make)),
      jobs_(*this),
      follow_up_(*this) {}

Engine::~Engine() = default;

Engine::Enqueued Engine::enqueue(JobType type, Unit& unit, JobMode mode) {
    MaybeRefusal refusal = refuse_mode(type, unit, mode);
    Transaction transaction(*this, mode);
    if (!refusal)
        refusal = transaction.add_anchor(collapse(type, unit.active_state()), unit);
    if (refusal)
        return {0, std::move(*refusal)};
    return transaction.activate();
}

void Engine::propagate_reload(Unit& unit) {
    Transaction transaction(*this, JobMode::fail);
    transaction.add_reloads_of(unit);
    // These jobs are optional: refusing one does not refuse the transaction.
    transaction.activate();
}

void Engine::add_trigger(Unit& socket, Unit& service) {
    graph_.add_lasting(socket, Relation::before, service);
    graph_.add_lasting(socket, Relation::triggers, service);
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
    Job* const job = jobs_.find(id);
    if (job)
        jobs_.finish(*job, JobResult::canceled, true, false);
    return job != nullptr;
}

void Engine::reset_failed(Unit& unit) {
    unit.reset_failed();
    unit.start_limit.reset();
    unit.start_limit_hit = false;
}

void Engine::run_due() {
    const std::uint64_t now = surroundings_.now().monotonic;
    for (int round = 0; round < rounds; ++round) {
        const bool has_checked = follow_up_.run();
        const bool has_passed = pass_deadline(now);
        const bool has_run = jobs_.run();
        const bool is_any = has_checked || has_passed || has_run;
        if (!is_any || surroundings_.now().monotonic - now >= longest_turn)
            return;
    }
}

/// Handles one deadline that has passed. Returns false if there is none.
bool Engine::pass_deadline(std::uint64_t now) {
    if (Job* const job = jobs_.take_due(now)) {
        job_timed_out(*job);
        return true;
    }
    if (follow_up_.retry_due(now))
        return true;
    const auto serial = unit_deadlines_.take_due(now);
    if (!serial)
        return false;
    // A forgotten unit has no deadline.
    Unit& unit = *graph_.find(*serial);
    const std::uint64_t deadline = unit.deadline();
    if (deadline != 0 && deadline <= now)
        unit.deadline_passed();
    // It may be later than it was.
    unit_deadlines_.set(*serial, unit.deadline());
    return true;
}

void Engine::job_timed_out(Job& job) {
    Unit& unit = job.unit;
    unit.warn(util::concat("Job ", unit.id(), '/', to_string(job.type), " timed out."));
    jobs_.finish(job, JobResult::timeout, true, false);
    act(unit.settings().unit.job_timeout_action, std::nullopt, "job timed out", true);
}

std::uint64_t Engine::next_deadline() const {
    if (jobs_.has_work() || follow_up_.has_work())
        return 1;
    return earlier(earlier(jobs_.next_deadline(), follow_up_.next_deadline()),
                   unit_deadlines_.next());
}

void Engine::reload_files() {
    graph_.reload([this](Unit& unit) { let_go(unit); });
    jobs_.look_again();
    for (Unit* const unit : units()) {
        unit_deadlines_.set(unit->serial(), unit->deadline());
        follow_up_.look_again(*unit);
    }
}

}  // namespace notifybridge::manager
