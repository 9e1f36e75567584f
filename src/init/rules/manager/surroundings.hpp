#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/system/clock.hpp"
#include "base/util/log.hpp"
#include "init/files/load/load.hpp"
#include "init/rules/manager/state.hpp"

namespace notifybridge::manager {

class Unit;

/// The system around the engine and its units. No function blocks.
class Surroundings {
public:
    virtual ~Surroundings() = default;

    virtual system::Moment now() const = 0;

    /// Returns whether `holds` can test the conditions and asserts of the unit now. If not, looks
    /// at their files without blocking, and calls `Unit::conditions_known` afterwards.
    virtual bool can_test(const Unit& unit) = 0;

    /// Returns whether all of these conditions or asserts hold. If not, adds those that failed to
    /// `unmet`, in the reverse order of the file, because systemd tests them in this order.
    virtual bool holds(const Unit& unit, const std::vector<unit::Condition>& conditions,
                       unit::UnmetConditions& unmet) = 0;

    /// Returns whether a file system is mounted at this path.
    virtual bool is_mount_point(const std::string& path) = 0;

    /// Returns whether the unit has a process that is neither main nor control.
    virtual bool has_processes(const Unit& unit) = 0;

    /// Ends the whole system. In a container, all actions have the same effect.
    virtual void end(unit::EmergencyAction action, int status) = 0;

    /// Writes `text` to the unit's log and to our own log. In our own log, the unit's name comes
    /// before the text.
    virtual void say(util::Severity severity, const Unit* unit, std::string_view text) = 0;
    /// Logs a message that already names the unit: "Started foo.service - Does foo."
    virtual void announce(util::Severity severity, const Unit& /*unit*/, std::string_view text) {
        say(severity, nullptr, text);
    }
};

}  // namespace notifybridge::manager
