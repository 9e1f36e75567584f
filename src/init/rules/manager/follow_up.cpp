#include "init/rules/manager/follow_up.hpp"

#include "base/util/concat.hpp"
#include "init/rules/manager/emergency.hpp"
#include "init/rules/manager/job_queue.hpp"
#include "init/rules/manager/request.hpp"
#include "init/rules/manager/unit_graph.hpp"

namespace notifybridge::manager {
namespace {

using unit::JobMode;
using util::concat;
using util::Severity;

void note_times(Unit& unit, ActiveState before) {
    const ActiveState state = unit.active_state();
    const system::Moment now = unit.now();
    Unit::Times& times = unit.times;
    times.state_change = now;
    if (is_down(before) && !is_down(state))
        times.inactive_exit = now;
    if (!is_down(before) && is_down(state))
        times.inactive_enter = now;
    if (!is_up(before) && is_up(state))
        times.active_enter = now;
    if (is_up(before) && !is_up(state))
        times.active_exit = now;
}

/// Starts the units of OnFailure= or OnSuccess=.
void start_dependents(EngineState& engine, Unit& unit, Effect effect) {
    const auto others = unit.dependencies.list(effect);
    const bool has_failed = effect == Effect::on_failure;
    const unit::UnitSettings& settings = unit.settings().unit;
    const JobMode mode = has_failed ? settings.on_failure_job_mode : settings.on_success_job_mode;
    const std::string_view directive = has_failed ? "OnFailure=" : "OnSuccess=";
    if (!others.empty())
        unit.say(Severity::info, concat("Triggering ", directive, " dependencies."));
    for (Unit* const other : others) {
        const auto enqueued = enqueue(engine, JobType::start, *other, mode);
        if (enqueued.job == 0)
            unit.warn(concat("Failed to enqueue ", directive, ' ', other->id(),
                             " job, ignoring: ", enqueued.refusal.text));
    }
}

void start_others(EngineState& engine, Unit& unit, Effect effect, JobMode mode) {
    for (Unit* const other : unit.dependencies.list(effect)) {
        const bool is_before = unit.dependencies.has(Effect::after, *other);
        if (!is_before && !is_up_or_starting(other->active_state()))
            enqueue(engine, JobType::start, *other, mode);
    }
}

void stop_others(EngineState& engine, Unit& unit, Effect effect) {
    for (Unit* const other : unit.dependencies.list(effect))
        if (!is_down_or_stopping(other->active_state()))
            enqueue(engine, JobType::stop, *other, JobMode::replace);
}

/// Starts or stops other units after a change that no job requested. These are the units that a job
/// would have started or stopped.
void start_or_stop_others(EngineState& engine, Unit& unit, ActiveState before) {
    const ActiveState state = unit.active_state();
    if (is_down(before) && is_up_or_starting(state)) {
        start_others(engine, unit, Effect::retroactive_start_replace, JobMode::replace);
        start_others(engine, unit, Effect::retroactive_start_fail, JobMode::fail);
        stop_others(engine, unit, Effect::retroactive_stop_on_start);
    } else if (is_up_or_starting(before) && is_down_or_stopping(state)) {
        stop_others(engine, unit, Effect::retroactive_stop_on_stop);
    }
}

/// Performs FailureAction= or SuccessAction=.
void end_all(EngineState& engine, Unit& unit) {
    const unit::UnitSettings& settings = unit.settings().unit;
    const bool has_failed = unit.active_state() == ActiveState::failed;
    const auto action = has_failed ? settings.failure_action : settings.success_action;
    auto status =
        has_failed ? settings.failure_action_exit_status : settings.success_action_exit_status;
    if (!status)
        status = unit.exit_status();
    act(engine, action, status, concat("unit ", unit.id(), has_failed ? " failed" : " succeeded"),
        false);
}

/// Queues checks of `unit` and related units for `run_checks`, even if a job requested the change.
void queue_checks(EngineState& engine, Unit& unit) {
    const ActiveState state = unit.active_state();
    const auto add_all = [&unit](std::set<std::uint64_t>& serials, Effect effect) {
        for (const Unit& other : unit.dependencies.with(effect))
            serials.insert(other.serial());
    };
    if (is_down(state)) {
        add_all(engine.checks.unneeded, Effect::checks_need);
        add_all(engine.checks.bound, Effect::checks_bound);
        engine.checks.upheld.insert(unit.serial());
        suspect(engine.units, unit);
    }
    if (is_up(state)) {
        add_all(engine.checks.upheld, Effect::starts_upheld);
        engine.checks.unneeded.insert(unit.serial());
        // Check this unit, because a unit in its BindsTo= may already be down, such as a oneshot
        // service that has ended.
        engine.checks.bound.insert(unit.serial());
    }
}

}  // namespace

void follow_change(EngineState& engine, Unit& unit, ActiveState before, bool reload_failed) {
    const ActiveState state = unit.active_state();
    note_times(unit, before);
    if (engine.hooks.on_change)
        engine.hooks.on_change(unit, before);
    if (follow_state(engine, unit, state, reload_failed))
        start_or_stop_others(engine, unit, before);
    const bool has_failed = state == ActiveState::failed && before != ActiveState::failed;
    const bool has_succeeded = state == ActiveState::inactive && !is_down(before);
    if (has_failed)
        start_dependents(engine, unit, Effect::on_failure);
    if (has_succeeded)
        start_dependents(engine, unit, Effect::on_success);
    notify_triggers(unit);
    if (has_failed || has_succeeded)
        end_all(engine, unit);
    queue_checks(engine, unit);
}

void start_after_failed_job(EngineState& engine, Unit& unit, JobType type, JobResult result) {
    unit.say(Severity::notice, concat("Job ", unit.id(), '/', to_string(type),
                                      " failed with result '", to_string(result), "'."));
    if (!unit.dependencies.has(Effect::on_failure))
        return;
    // The start limit does not count a job that fails before the unit starts. If OnFailure= starts
    // a unit that needs this unit, there is a cycle, which `automatic_limit` ends.
    if (unit.automatic_limit.allows(unit.now().monotonic))
        start_dependents(engine, unit, Effect::on_failure);
    else
        unit.warn(
            "not starting the units of OnFailure=, because they were started too "
            "often recently.");
}

void notify_triggers(Unit& unit) {
    for (Unit* const other : unit.dependencies.list(Effect::triggered_by))
        other->trigger_changed(unit);
}

}  // namespace notifybridge::manager
