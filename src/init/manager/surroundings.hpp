#pragma once

#include <string_view>
#include <vector>

#include "base/system/clock.hpp"
#include "base/util/log.hpp"
#include "init/load/load.hpp"
#include "init/manager/state.hpp"

namespace notifybridge::manager {

class Unit;

/// What the engine, and units of any type, ask of the system that they are on. It answers at once.
class Surroundings {
public:
    virtual ~Surroundings() = default;

    virtual system::Moment now() const = 0;

    /// Whether conditions or asserts hold. Where they do not, `unmet` gets those that were tested
    /// and are not met: the last of the file comes first, as systemd tests them.
    virtual bool holds(const Unit& unit, const std::vector<unit::Condition>& conditions,
                       unit::UnmetConditions& unmet) = 0;

    /// Whether a process of the unit is there, other than main and control.
    virtual bool has_processes(const Unit& unit) = 0;

    /// The whole system is to end: reboot, poweroff and exit are one in a container.
    virtual void end(unit::EmergencyAction action, int status) = 0;

    /// For the unit's log and ours, where the unit's name goes before the text.
    virtual void say(util::Severity severity, const Unit* unit, std::string_view text) = 0;
    /// The same of what names the unit itself: "Started foo.service - Does foo."
    virtual void announce(util::Severity severity, const Unit& /*unit*/, std::string_view text) {
        say(severity, nullptr, text);
    }
};

}  // namespace notifybridge::manager
