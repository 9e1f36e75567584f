#pragma once

#include <cstdint>

#include "init/rules/manager/engine_state.hpp"

/// Applies a unit's change of state to other units. Decisions that depend on the states of several
/// units are postponed until the next round of Engine::run_due.
namespace notifybridge::manager {

/// Applies a change of a unit's state or sub-state to other units. Must be called after each
/// change.
void follow_change(EngineState& engine, Unit& unit, ActiveState before, bool reload_failed);

/// Starts the units in OnFailure= of a unit whose job has timed out, or has failed because of a
/// dependency.
void start_after_failed_job(EngineState& engine, Unit& unit, JobType type, JobResult result);
/// Tells the units that trigger `unit` about a change of `unit` or of its job.
void notify_triggers(Unit& unit);

/// Performs the queued checks. Stops units that are not needed, and units that are bound to a unit
/// that is down. Starts units that other units uphold, and forgets units that have ended. Returns
/// whether there was anything to check.
bool run_checks(EngineState& engine);
bool has_checks(const EngineState& engine);

/// Queues all checks of a unit. Must be called after the files were read again, because the new
/// files may bind the unit to a unit that went down earlier.
void check_again(Checks& checks, const Unit& unit);
/// Queues all checks of one unit that was started or stopped too often, if its next check is due.
/// Returns false if no such unit is due.
bool retry_due(EngineState& engine, std::uint64_t now);

}  // namespace notifybridge::manager
