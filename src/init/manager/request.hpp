#pragma once

#include <optional>

#include "init/manager/engine_state.hpp"
#include "init/manager/transaction.hpp"

/// Requests for jobs: of users, of units, and of what follows from a unit's change of state.
namespace notifybridge::manager {

/// Puts a transaction for this job together and turns it into jobs, or says why not. A client's
/// request must pass `refuse_by_hand` first.
Transaction::Outcome enqueue(EngineState& engine, JobType type, Unit& unit, unit::JobMode mode);

/// Returns why `enqueue` would refuse this job. Creates no job.
std::optional<Refusal> try_job(EngineState& engine, JobType type, Unit& unit, unit::JobMode mode);

/// Reloads the units that PropagatesReloadTo= of a unit names, which reloads itself.
void propagate_reload(EngineState& engine, Unit& unit);

}  // namespace notifybridge::manager
