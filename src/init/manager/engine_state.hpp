#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "init/load/load.hpp"
#include "init/manager/deadlines.hpp"
#include "init/manager/job_table.hpp"
#include "init/manager/surroundings.hpp"
#include "init/manager/unit_table.hpp"

namespace notifybridge::manager {

/// Holds functions that the engine calls. Each function may be empty.
struct EngineHooks {
    /// Called before a requested unit is loaded, and before all units that its edges lead to. One
    /// scan of the directories is enough for all of them. Returns the number of the last scan.
    std::function<std::uint64_t()> before_loading;
    /// Called with a unit that is about to start, or that cannot start because of its files.
    std::function<void(const Unit&)> on_start;
    /// Called with each job that has ended.
    std::function<void(const Job&, JobResult)> on_job_end;
    /// Called after each change of a unit's state.
    std::function<void(Unit&, ActiveState before)> on_change;
    /// Called with a unit that is about to be forgotten. If this function is empty, the engine only
    /// forgets services of connections.
    std::function<void(Unit&)> on_forget;
    /// Returns a new, unique id of 32 hexadecimal digits.
    std::function<std::string()> make_invocation_id;
};

/// The serials of units to check when nothing else is left to do.
struct Checks {
    std::set<std::uint64_t> unneeded;  ///< For StopWhenUnneeded=.
    std::set<std::uint64_t> bound;     ///< For BindsTo=.
    std::set<std::uint64_t> upheld;    ///< For Upholds=.
    Deadlines retries;  ///< When to check units again that were started or stopped too often.
};

/// Holds everything that the engine knows, as plain data. The rules are functions of this folder:
/// unit_graph, job_queue, transaction, follow_up, forget, emergency.
struct EngineState {
    Surroundings& surroundings;
    const EngineHooks& hooks;
    std::function<load::LoadedUnit(const unit::UnitName&)> load;
    /// Creates a unit of the right class.
    std::function<std::unique_ptr<Unit>(load::LoadedUnit)> make;
    UnitTable units = {};
    JobTable jobs = {};
    Checks checks = {};
    std::uint8_t exit_status = 0;  ///< The exit status of the whole system, if an exit ends it.
};

}  // namespace notifybridge::manager
