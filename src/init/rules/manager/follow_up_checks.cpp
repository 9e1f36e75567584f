#include <algorithm>
#include <utility>

#include "base/util/concat.hpp"
#include "init/rules/manager/follow_up.hpp"
#include "init/rules/manager/forget.hpp"
#include "init/rules/manager/request.hpp"

/// Makes the decisions that only depend on the current state of units: StopWhenUnneeded=, BindsTo=
/// and Upholds= (systemd.unit(5)).
namespace notifybridge::manager {
namespace {

using unit::JobMode;
using util::concat;
using util::Severity;
using Serials = std::set<std::uint64_t>;

bool is_settled(const Unit& unit) {
    return unit.active_state() == ActiveState::active && !unit.job;
}

bool is_unneeded(const Unit& unit) {
    return unit.settings().unit.stop_when_unneeded && is_settled(unit)
           && std::ranges::none_of(unit.dependencies.with(Effect::pins), [](const Unit& other) {
                  return other.job || !is_down(other.active_state());
              });
}

const Unit* find_lost_bond(const Unit& unit) {
    if (!is_settled(unit))
        return nullptr;
    for (const Unit& other : unit.dependencies.with(Effect::cannot_be_active_without))
        if (!other.job && is_down(other.active_state()))
            return &other;
    return nullptr;
}

const Unit* find_upholder(const Unit& unit) {
    if (!is_down(unit.active_state()) || unit.job)
        return nullptr;
    for (const Unit& other : unit.dependencies.with(Effect::upheld_by))
        if (!other.job && is_up(other.active_state()))
            return &other;
    return nullptr;
}

/// Returns whether the unit may be started or stopped. If the unit was started or stopped too
/// often, returns false and schedules another check.
bool may_act(EngineState& engine, Unit& unit, const std::string& reason) {
    if (unit.automatic_limit.allows(unit.now().monotonic))
        return true;
    unit.warn(concat(reason, " Will retry later."));
    engine.checks.retries.set(unit.serial(), unit.automatic_limit.end() + 1);
    return false;
}

void enqueue_or_warn(EngineState& engine, JobType type, Unit& unit, JobMode mode) {
    const auto enqueued = enqueue(engine, type, unit, mode);
    if (enqueued.job == 0)
        unit.warn(concat("Failed to enqueue ", to_string(type),
                         " job, ignoring: ", enqueued.refusal.text));
}

void start_upheld(EngineState& engine, Unit& unit) {
    const Unit* const upholder = find_upholder(unit);
    if (upholder
        && may_act(engine, unit,
                   concat("Unit needs to be started because active unit ", upholder->id(),
                          " upholds it, but not starting since we tried this too often "
                          "recently.")))
        enqueue_or_warn(engine, JobType::start, unit, JobMode::fail);
}

void stop_bound(EngineState& engine, Unit& unit) {
    const Unit* const lost = find_lost_bond(unit);
    if (lost
        && may_act(
            engine, unit,
            concat("Unit needs to be stopped because it is bound to inactive unit ", lost->id(),
                   ", but not stopping since we tried this too often recently.")))
        enqueue_or_warn(engine, JobType::stop, unit, JobMode::replace);
}

void stop_unneeded(EngineState& engine, Unit& unit) {
    if (is_unneeded(unit)
        && may_act(engine, unit,
                   "Unit not needed anymore, but not stopping since we tried this too often "
                   "recently."))
        enqueue_or_warn(engine, JobType::stop, unit, JobMode::fail);
}

void check_all(EngineState& engine, Serials& queue, void (*check)(EngineState&, Unit&)) {
    for (const std::uint64_t serial : std::exchange(queue, {}))
        if (Unit* const unit = engine.units.find(serial))
            check(engine, *unit);
}

}  // namespace

bool has_checks(const EngineState& engine) {
    const Checks& checks = engine.checks;
    return !(checks.unneeded.empty() && checks.bound.empty() && checks.upheld.empty()
             && engine.units.suspects.empty());
}

bool run_checks(EngineState& engine) {
    const bool had_checks = has_checks(engine);
    check_all(engine, engine.checks.upheld, start_upheld);
    check_all(engine, engine.checks.bound, stop_bound);
    check_all(engine, engine.checks.unneeded, stop_unneeded);
    forget_suspects(engine);
    return had_checks;
}

bool retry_due(EngineState& engine, std::uint64_t now) {
    const auto serial = engine.checks.retries.take_due(now);
    if (!serial)
        return false;
    if (const Unit* const unit = engine.units.find(*serial))
        check_again(engine.checks, *unit);
    return true;
}

void check_again(Checks& checks, const Unit& unit) {
    for (Serials* const queue : {&checks.upheld, &checks.bound, &checks.unneeded})
        queue->insert(unit.serial());
}

}  // namespace notifybridge::manager
