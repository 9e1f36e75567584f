#pragma once

#include <cstdint>

#include "init/manager/engine_state.hpp"

/// Applies a unit's change of state to other units: at once, or, if it depends on the states of
/// several units, when nothing else is left to do.
namespace notifybridge::manager {

/// Must be called after each change of a unit's state or sub-state.
void follow_change(EngineState& engine, Unit& unit, ActiveState before, bool reload_failed);

/// Starts the units of OnFailure= of a unit whose job failed before it reached the unit.
void start_after_failed_job(EngineState& engine, Unit& unit, JobType type, JobResult result);
/// Tells the units that trigger this one that it changed.
void tell_triggers(Unit& unit);

/// Stops units that are not needed or are bound to units that are down, starts upheld units, and
/// forgets ended ones. Returns whether there was anything to check.
bool run_checks(EngineState& engine);
bool has_checks(const EngineState& engine);

/// Must be called when the files were read again, and may bind a unit to others that changed before
/// that.
void check_again(Checks& checks, const Unit& unit);
/// Looks again at a unit that was started or stopped too often. Returns false if none is due.
bool retry_due(EngineState& engine, std::uint64_t now);

}  // namespace notifybridge::manager
