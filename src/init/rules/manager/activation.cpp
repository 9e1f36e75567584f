#include "init/rules/manager/activation.hpp"

#include "base/util/concat.hpp"
#include "init/files/load/type_row.hpp"
#include "init/files/unit/escape.hpp"
#include "init/rules/manager/emergency.hpp"
#include "init/rules/manager/refusal.hpp"

namespace notifybridge::manager {
namespace {

using util::concat;
using util::Severity;

bool test(Surroundings& surroundings, const Unit& unit,
          const std::vector<unit::Condition>& conditions, util::Rare<unit::UnmetConditions>& kept) {
    unit::UnmetConditions unmet;
    const bool all_hold = surroundings.holds(unit, conditions, unmet);
    kept = {};
    if (!all_hold)
        kept.edit() = std::move(unmet);
    return all_hold;
}

bool test_conditions(Surroundings& surroundings, Unit& unit) {
    unit.times.condition = unit.now();
    unit.conditions_tested = true;
    unit.condition_result =
        test(surroundings, unit, unit.settings().unit.conditions, unit.unmet_conditions);
    return unit.condition_result;
}

bool test_asserts(Surroundings& surroundings, Unit& unit) {
    unit.times.assert = unit.now();
    unit.asserts_tested = true;
    unit.assert_result = test(surroundings, unit, unit.settings().unit.asserts, unit.unmet_asserts);
    if (!unit.assert_result)
        unit.say(Severity::notice, "Starting requested but asserts failed.");
    return unit.assert_result;
}

/// Returns whether StartLimitIntervalSec= and StartLimitBurst= allow another start.
bool test_start_limit(EngineState& engine, Unit& unit) {
    if (!load::type_row(unit.type()).has_start_limit)
        return true;
    unit.start_limit_hit = !unit.start_limit.allows(unit.now().monotonic);
    if (!unit.start_limit_hit)
        return true;
    unit.warn("Start request repeated too quickly.");
    act(engine, unit.settings().unit.start_limit_action, std::nullopt,
        concat("unit ", unit.id(), " failed"), true);
    unit.start_limited();
    return false;
}

}  // namespace

bool is_mounted(Surroundings& surroundings, const Unit& unit) {
    const auto path = unit.type() == unit::UnitType::mount
                          ? unit::unescape_path(unit.loaded().id.stem())
                          : std::nullopt;
    return path && surroundings.is_mount_point(*path);
}

const Unit* find_missing_bond(const Unit& unit) {
    for (const Unit& other : unit.dependencies.with(Effect::cannot_be_active_without))
        if (unit.dependencies.has(Effect::after, other) && !is_up(other.active_state()))
            return &other;
    return nullptr;
}

Verdict activate(EngineState& engine, Unit& unit) {
    Surroundings& surroundings = engine.surroundings;
    const ActiveState state = unit.active_state();
    if (is_up(state))
        return Verdict::already;
    if (is_mounted(surroundings, unit))
        return Verdict::already;
    if (unit.loaded().state != unit::LoadState::loaded)
        return Verdict::failed;
    // A unit that is starting or waits for its restart has passed these tests already.
    if (state != ActiveState::activating) {
        if (!surroundings.can_test(unit))
            return Verdict::again;
        if (!test_conditions(surroundings, unit))
            return Verdict::skipped;
        if (!test_asserts(surroundings, unit))
            return Verdict::asserted;
    }
    // The messages of `on_start` belong to this activation.
    const std::uint64_t began = surroundings.now().monotonic;
    if (engine.hooks.on_start)
        engine.hooks.on_start(unit);
    if (!unit.is_supported()) {
        unit.warn(
            "cannot start a unit of this type; a mount unit needs a file system that is mounted "
            "already, for example by an option of the container");
        return Verdict::unsupported;
    }
    if (const Unit* const missing = find_missing_bond(unit)) {
        unit.say(Severity::notice,
                 concat("Bound to unit ", missing->id(), ", but unit isn't active."));
        return Verdict::dependency;
    }
    if (!test_start_limit(engine, unit))
        return Verdict::limited;
    if (state != ActiveState::deactivating && engine.hooks.make_invocation_id) {
        unit.invocation_id = engine.hooks.make_invocation_id();
        unit.invocation_began = began;
    }
    return unit.start();
}

Verdict deactivate(Unit& unit) {
    return is_down(unit.active_state()) ? Verdict::already : unit.stop();
}

Verdict reload(Unit& unit) {
    if (unit.loaded().state != unit::LoadState::loaded)
        return Verdict::failed;
    if (!unit.can_reload())
        return Verdict::not_possible;
    const ActiveState state = unit.active_state();
    if (state == ActiveState::reloading)
        return Verdict::again;
    if (state != ActiveState::active) {
        unit.warn("Unit cannot be reloaded because it is inactive.");
        return Verdict::invalid;
    }
    return unit.reload();
}

}  // namespace notifybridge::manager
