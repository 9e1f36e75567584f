#include <algorithm>
#include <set>
#include <vector>

#include "init/manager/engine.hpp"

/// Decides which units are forgotten, to be read again when somebody asks for them: those that have
/// ended and are not reachable from a unit that has not (systemd.unit(5), UNIT GARBAGE COLLECTION).
namespace notifybridge::manager {

/// Returns whether nothing about the unit itself keeps it in memory.
bool Engine::may_forget(const Unit& unit) const {
    if (unit.job || unit.nop_job || unit.is_in_use())
        return false;
    const ActiveState state = unit.active_state();
    const bool collects_failed =
        unit.settings().unit.collect_mode == unit::CollectMode::inactive_or_failed;
    if (state != ActiveState::inactive && !(state == ActiveState::failed && collects_failed))
        return false;
    // A unit that is started as this one ended is still to be told how.
    const auto starts = [](const Unit& handler) { return handler.job != nullptr; };
    return std::ranges::none_of(unit.dependencies.with(Effect::on_success), starts)
           && std::ranges::none_of(unit.dependencies.with(Effect::on_failure), starts);
}

/// Returns whether the unit must stay, or a unit that leads to it, directly or through others.
bool Engine::is_kept(const Unit& unit) const {
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

void Engine::forget_suspects() {
    for (const std::uint64_t serial : graph_.take_suspects()) {
        Unit* const unit = graph_.find(serial);
        if (!unit || (!on_forget && !graph_.is_passing(*unit)))
            continue;
        // Processes that KillMode= left over are asked for last, as only the system knows them.
        if (is_kept(*unit) || surroundings_.has_processes(*unit))
            continue;
        let_go(*unit);
    }
}

void Engine::let_go(Unit& unit) {
    if (on_forget)
        on_forget(unit);
    unit_deadlines_.set(unit.serial(), 0);
    graph_.remove(unit);
}

}  // namespace notifybridge::manager
