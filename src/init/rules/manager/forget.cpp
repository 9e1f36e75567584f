#include "init/rules/manager/forget.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "init/rules/manager/unit_graph.hpp"

namespace notifybridge::manager {
namespace {

/// Returns whether the unit may be forgotten if no other unit refers to it.
bool may_forget(const Unit& unit) {
    if (unit.job || unit.nop_job || unit.is_in_use())
        return false;
    const ActiveState state = unit.active_state();
    const bool collects_failed =
        unit.settings().unit.collect_mode == unit::CollectMode::inactive_or_failed;
    if (state != ActiveState::inactive && !(state == ActiveState::failed && collects_failed))
        return false;
    // While a unit of OnSuccess= or OnFailure= is starting, it needs the result of this unit.
    const auto starts = [](const Unit& handler) { return handler.job != nullptr; };
    return std::ranges::none_of(unit.dependencies.with(Effect::on_success), starts)
           && std::ranges::none_of(unit.dependencies.with(Effect::on_failure), starts);
}

/// Returns whether the unit must stay in memory. The reason is in the unit itself, or in a unit
/// that refers to it directly or through other units.
bool is_kept(const Unit& unit) {
    std::set<const Unit*> seen = {&unit};
    std::vector<const Unit*> open = {&unit};
    while (!open.empty()) {
        const Unit& next = *open.back();
        open.pop_back();
        if (!may_forget(next))
            return true;
        for (const Unit& other : next.dependencies.with(Effect::referenced_by))
            if (seen.insert(&other).second)
                open.push_back(&other);
    }
    return false;
}

}  // namespace

void forget_suspects(EngineState& engine) {
    for (const std::uint64_t serial : std::exchange(engine.units.suspects, {})) {
        Unit* const unit = engine.units.find(serial);
        if (!unit || (!engine.hooks.on_forget && !has_lasting_edge(engine.units, *unit)))
            continue;
        // KillMode= may have spared processes. Check for processes last, because this check takes
        // the longest time.
        if (is_kept(*unit) || engine.surroundings.has_processes(*unit))
            continue;
        forget(engine, *unit);
    }
}

void forget(EngineState& engine, Unit& unit) {
    if (engine.hooks.on_forget)
        engine.hooks.on_forget(unit);
    remove_unit(engine.units, unit);
}

}  // namespace notifybridge::manager
