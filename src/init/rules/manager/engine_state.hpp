#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "init/files/load/load.hpp"
#include "init/rules/manager/deadlines.hpp"
#include "init/rules/manager/job_table.hpp"
#include "init/rules/manager/surroundings.hpp"
#include "init/rules/manager/unit_table.hpp"

namespace notifybridge::manager {

/// The functions that the engine calls. Each function may be empty.
struct EngineHooks {
    /// Called once before a requested unit and all units at the ends of its edges are loaded. One
    /// scan of the directories is enough for all of them. Returns the number of the last scan.
    std::function<std::uint64_t()> before_loading;
    /// Called with a unit that is about to start, or that cannot start because of its files.
    std::function<void(const Unit&)> on_start;
    /// Called with each job that has ended.
    std::function<void(const Job&, JobResult)> on_job_end;
    /// Called after each change of a unit's state.
    std::function<void(Unit&, ActiveState before)> on_change;
    /// Called with a unit that is about to be forgotten. If this function is empty, the engine
    /// forgets only services that serve one connection (Accept=yes).
    std::function<void(Unit&)> on_forget;
    /// Returns a new, unique id of 32 hexadecimal digits.
    std::function<std::string()> make_invocation_id;
};

/// The serials of units that the next round of Engine::run_due checks.
struct Checks {
    std::set<std::uint64_t> unneeded;  ///< For StopWhenUnneeded=.
    std::set<std::uint64_t> bound;     ///< For BindsTo=.
    std::set<std::uint64_t> upheld;    ///< For Upholds=.
    Deadlines retries;  ///< The times to check units that were started or stopped too often.
};

/// All data of the engine. The functions of this folder implement the rules, for example in
/// unit_graph, job_queue and transaction.
struct EngineState {
    Surroundings& surroundings;
    const EngineHooks& hooks;
    std::function<load::LoadedUnit(const unit::UnitName&)> load;
    /// Creates an object of the class for the unit's type.
    std::function<std::unique_ptr<Unit>(load::LoadedUnit)> make;
    UnitTable units = {};
    JobTable jobs = {};
    Checks checks = {};
    std::uint8_t exit_status = 0;  ///< The status with which the whole system will exit.
};

}  // namespace notifybridge::manager
