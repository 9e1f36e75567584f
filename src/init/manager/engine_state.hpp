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

/// Functions that the engine calls. Each may be empty.
struct EngineHooks {
    /// Called before a requested unit and all units that its edges lead to are loaded: one look at
    /// the directories is enough for them. Returns the number of the latest scan of the
    /// directories.
    std::function<std::uint64_t()> before_loading;
    /// Called with a unit that is about to start, or that cannot because of its files.
    std::function<void(const Unit&)> on_start;
    /// Called with each job that has ended.
    std::function<void(const Job&, JobResult)> on_job_end;
    /// Called after each change of a unit's state.
    std::function<void(Unit&, ActiveState before)> on_change;
    /// Called with a unit that is about to be forgotten. If empty, only services of connections are
    /// forgotten.
    std::function<void(Unit&)> on_forget;
    /// Returns a new unique id of 32 hexadecimal digits.
    std::function<std::string()> make_invocation_id;
};

/// Units to look at when nothing else is left to do, by their serials.
struct Checks {
    std::set<std::uint64_t> unneeded;  ///< StopWhenUnneeded=
    std::set<std::uint64_t> bound;     ///< BindsTo=
    std::set<std::uint64_t> upheld;    ///< Upholds=
    Deadlines retries;  ///< When to look again at units that were started or stopped too often.
};

/// Everything that the engine knows, as plain data. The functions of this folder are the rules over
/// it: unit_graph, job_queue, transaction, follow_up, forget, emergency.
struct EngineState {
    Surroundings& surroundings;
    const EngineHooks& hooks;
    std::function<load::LoadedUnit(const unit::UnitName&)> load;
    std::function<std::unique_ptr<Unit>(load::LoadedUnit)> make;  ///< Creates a unit of the right
                                                                  ///< type.
    UnitTable units = {};
    JobTable jobs = {};
    Checks checks = {};
    std::uint8_t exit_status = 0;  ///< The whole system ends with it, if an exit ends it.
};

}  // namespace notifybridge::manager
