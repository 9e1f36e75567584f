#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "init/manager/deadlines.hpp"
#include "init/manager/dependencies.hpp"
#include "init/manager/state.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::manager {

class Engine;
class Unit;

/// Applies a unit's change of state to other units: at once, or, if it depends on the states of
/// several units, when nothing else is left to do.
class FollowUp {
public:
    explicit FollowUp(Engine& engine) : engine_(engine) {}

    void changed(Unit& unit, ActiveState before, bool reload_failed);

    /// Starts OnFailure= of a unit whose job failed before it reached the unit.
    void start_after_failed_job(Unit& unit, JobType type, JobResult result);
    /// The units that trigger this one get to know of it.
    void tell_triggers(Unit& unit);

    /// Stops units that are not needed or are bound to units that are down, starts upheld units,
    /// and forgets ended ones. Returns whether there was anything to check.
    bool run();
    bool has_work() const;
    /// The files were read again, and may bind a unit to others that changed before that.
    void look_again(const Unit& unit);

    std::uint64_t next_deadline() const { return retries_.next(); }
    /// Looks again at a unit that was started or stopped too often.
    bool retry_due(std::uint64_t now);

private:
    using Serials = std::set<std::uint64_t>;

    void note_times(Unit& unit, ActiveState before);
    void start_dependents(Unit& unit, Effect effect);
    void start_or_stop_others(Unit& unit, ActiveState before);
    void start_others(Unit& unit, Effect effect, unit::JobMode mode);
    void stop_others(Unit& unit, Effect effect);
    void end_all(Unit& unit);
    void queue_checks(Unit& unit);
    void stop_unneeded(Unit& unit);
    void stop_bound(Unit& unit);
    void start_upheld(Unit& unit);
    bool may_act(Unit& unit, const std::string& reason);
    void enqueue(JobType type, Unit& unit, unit::JobMode mode);

    Engine& engine_;
    Serials unneeded_, bound_, upheld_;
    Deadlines retries_;
};

}  // namespace notifybridge::manager
