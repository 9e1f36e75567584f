#include <algorithm>
#include <utility>

#include "base/util/concat.hpp"
#include "init/manager/engine.hpp"
#include "init/manager/follow_up.hpp"

/// Decisions that depend only on the current state of units: StopWhenUnneeded=, BindsTo= and
/// Upholds= (systemd.unit(5)).
namespace notifybridge::manager {

using unit::JobMode;
using util::concat;
using util::Severity;

namespace {

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

}  // namespace

bool FollowUp::has_work() const {
    return !(unneeded_.empty() && bound_.empty() && upheld_.empty())
           || engine_.graph_.has_suspects();
}

bool FollowUp::run() {
    const bool had_work = has_work();
    const auto check_all = [this](Serials& queue, void (FollowUp::*check)(Unit&)) {
        for (const std::uint64_t serial : std::exchange(queue, {}))
            if (Unit* const unit = engine_.graph_.find(serial))
                (this->*check)(*unit);
    };
    check_all(upheld_, &FollowUp::start_upheld);
    check_all(bound_, &FollowUp::stop_bound);
    check_all(unneeded_, &FollowUp::stop_unneeded);
    engine_.forget_suspects();
    return had_work;
}

void FollowUp::start_upheld(Unit& unit) {
    const Unit* const upholder = find_upholder(unit);
    if (upholder
        && may_act(unit, concat("Unit needs to be started because active unit ", upholder->id(),
                                " upholds it, but not starting since we tried this too often "
                                "recently.")))
        enqueue(JobType::start, unit, JobMode::fail);
}

void FollowUp::stop_bound(Unit& unit) {
    const Unit* const lost = find_lost_bond(unit);
    if (lost
        && may_act(
            unit, concat("Unit needs to be stopped because it is bound to inactive unit ",
                         lost->id(), ", but not stopping since we tried this too often recently.")))
        enqueue(JobType::stop, unit, JobMode::replace);
}

void FollowUp::stop_unneeded(Unit& unit) {
    if (is_unneeded(unit)
        && may_act(unit,
                   "Unit not needed anymore, but not stopping since we tried this too often "
                   "recently."))
        enqueue(JobType::stop, unit, JobMode::fail);
}

/// False for a unit that was started or stopped too often: it is left alone for a while.
bool FollowUp::may_act(Unit& unit, const std::string& reason) {
    if (unit.automatic_limit.allows(unit.now().monotonic))
        return true;
    unit.warn(concat(reason, " Will retry later."));
    retries_.set(unit.serial(), unit.automatic_limit.end() + 1);
    return false;
}

void FollowUp::enqueue(JobType type, Unit& unit, JobMode mode) {
    const auto enqueued = engine_.enqueue(type, unit, mode);
    if (enqueued.job == 0)
        unit.warn(concat("Failed to enqueue ", to_string(type),
                         " job, ignoring: ", enqueued.refusal.text));
}

bool FollowUp::retry_due(std::uint64_t now) {
    const auto serial = retries_.take_due(now);
    if (!serial)
        return false;
    if (const Unit* const unit = engine_.graph_.find(*serial))
        look_again(*unit);
    return true;
}

void FollowUp::look_again(const Unit& unit) {
    for (Serials* const queue : {&upheld_, &bound_, &unneeded_})
        queue->insert(unit.serial());
}

}  // namespace notifybridge::manager
