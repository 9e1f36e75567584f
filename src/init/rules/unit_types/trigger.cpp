#include "init/rules/unit_types/trigger.hpp"

#include "base/util/concat.hpp"
#include "init/rules/manager/engine.hpp"

namespace notifybridge::unit_types {

using util::concat;

manager::Unit* Trigger::its_unit() const {
    const auto name = unit::UnitName::parse(unit_name());
    return name ? &engine().unit(*name) : nullptr;
}

bool Trigger::can_start_its_unit() const {
    const manager::Unit* const unit = its_unit();
    const bool is_loaded = unit && unit->loaded().state == unit::LoadState::loaded;
    if (!is_loaded)
        warn(concat("cannot start: its unit ", unit_name(), " is not loaded."));
    return is_loaded;
}

bool Trigger::start_its_unit() {
    manager::Unit* const unit = its_unit();
    if (!unit) {
        warn("stopping: the unit of Unit= does not exist any more.");
        enter_dead(Result::resources);
        return false;
    }
    const auto enqueued = engine().enqueue(manager::JobType::start, *unit, unit::JobMode::replace);
    if (enqueued.job != 0)
        return true;
    warn(concat("cannot start ", unit->id(), ": ", enqueued.refusal.text));
    enter_dead(Result::resources);
    return false;
}

manager::Verdict Trigger::stop() {
    enter_dead(Result::success);
    return manager::Verdict::begun;
}

void Trigger::reset_failed() {
    if (active_state() == manager::ActiveState::failed)
        set_down(false);
    result_ = Result::success;
}

void Trigger::enter_dead(Result result) {
    if (result_ == Result::success)
        result_ = result;
    if (result_ != Result::success)
        warn(concat("Failed with result '", to_string(result_), "'."));
    set_down(result_ != Result::success);
}

}  // namespace notifybridge::unit_types
