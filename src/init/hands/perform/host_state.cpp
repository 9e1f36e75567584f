#include "init/hands/perform/host_state.hpp"

#include <utility>

#include "base/util/log.hpp"

namespace notifybridge::perform {

HostState::HostState(event::Loop& loop, system::Fd output_to, HostSettings host_settings)
    : settings(std::move(host_settings)),
      poller(loop),
      output(loop, output_to),
      processes(std::move(settings.cgroups)),
      looks(loop, poller, processes),
      closer(loop) {
    closer.on_child = [this](pid_t child) { processes.add_own(child); };
    poller.on_round = [this] {
        if (on_events)
            on_events();
    };
}

void HostState::tell(const std::string& key, util::FunctionRef<void(manager::Unit&)> event) const {
    manager::Unit* const unit = find_unit ? find_unit(key) : nullptr;
    if (unit)
        event(*unit);
}

void HostState::say(util::Severity severity, const manager::Unit* unit, std::string_view text) {
    if (severity == util::Severity::debug && !util::logs(severity))
        return;
    if (unit)
        output.say(unit->key(), severity, text);
    else
        output.say(severity, text);
}

UnitDescriptors* HostState::descriptors_of(const manager::Unit& unit) {
    const auto found = descriptors.find(unit.key());
    return found == descriptors.end() ? nullptr : &found->second;
}

}  // namespace notifybridge::perform
