#pragma once

#include <optional>

#include "init/rules/manager/engine_state.hpp"
#include "init/rules/manager/transaction.hpp"

/// Requests jobs for users, for units, and because of a unit's change of state.
namespace notifybridge::manager {

/// Builds a transaction for this job, and turns it into jobs. If the request is refused, returns
/// the reason. A client's request must be checked with `refuse_by_hand` first.
Transaction::Outcome enqueue(EngineState& engine, JobType type, Unit& unit, unit::JobMode mode);

/// Returns the reason why `enqueue` would refuse this job. Returns nullopt if `enqueue` would
/// accept it. Creates no job.
std::optional<Refusal> try_job(EngineState& engine, JobType type, Unit& unit, unit::JobMode mode);

/// Reloads the units that PropagatesReloadTo= of `unit` lists. Must be called while `unit` is being
/// reloaded.
void propagate_reload(EngineState& engine, Unit& unit);

}  // namespace notifybridge::manager
