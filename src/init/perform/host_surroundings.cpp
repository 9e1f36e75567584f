#include "init/perform/host_surroundings.hpp"

#include "init/condition/conditions.hpp"

namespace notifybridge::perform {

bool HostSurroundings::holds(const manager::Unit&, const std::vector<unit::Condition>& conditions,
                             unit::UnmetConditions& unmet) {
    return condition::all_hold(conditions, {state_.settings.facts, state_.settings.environment},
                               unmet);
}

bool HostSurroundings::is_mount_point(const std::string& path) {
    unit::UnmetConditions unmet;
    return condition::all_hold({unit::Condition{"PathIsMountPoint", path}},
                               {state_.settings.facts, state_.settings.environment}, unmet);
}

bool HostSurroundings::has_processes(const manager::Unit& unit) {
    const auto own = unit.own_processes().value_or(manager::OwnProcesses{});
    return state_.processes.any_runs(unit.key(), [&](pid_t pid) { return !own.has(pid); });
}

void HostSurroundings::end(unit::EmergencyAction action, int status) {
    if (state_.on_end)
        state_.on_end(action, status);
}

void HostSurroundings::say(util::Severity severity, const manager::Unit* unit,
                           std::string_view text) {
    state_.say(severity, unit, text);
}

}  // namespace notifybridge::perform
