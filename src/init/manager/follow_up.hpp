#pragma once

#include <cstdint>

#include "init/manager/engine_state.hpp"

/// Applies a unit's change of state to other units. Decisions that depend on the states of several
/// units wait until nothing else is left to do.
namespace notifybridge::manager {

/// Applies a change of a unit's state or sub-state to other units. Must be called after each
/// change.
void follow_change(EngineState& engine, Unit& unit, ActiveState before, bool reload_failed);

/// Starts the units in OnFailure= of a unit whose job failed before the job reached the unit.
void start_after_failed_job(EngineState& engine, Unit& unit, JobType type, JobResult result);
/// Notifies the units that trigger `unit` that it has changed.
void tell_triggers(Unit& unit);

/// Performs the queued checks. Stops units that are not needed, or that are bound to units that are
/// down. Starts upheld units, and forgets ended units. Returns whether there was anything to check.
bool run_checks(EngineState& engine);
bool has_checks(const EngineState& engine);

/// Queues all checks of a unit. Must be called after the files were read again, because the unit
/// may now be bound to units that went down earlier.
void check_again(Checks& checks, const Unit& unit);
/// Checks one unit again that was started or stopped too often, if its time has come. Returns false
/// if no such unit is due.
bool retry_due(EngineState& engine, std::uint64_t now);

}  // namespace notifybridge::manager
