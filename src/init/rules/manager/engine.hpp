#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "init/rules/manager/engine_state.hpp"
#include "init/rules/manager/transaction.hpp"

namespace notifybridge::manager {

/// The owner of units, their dependencies and jobs. It loads units, builds transactions as systemd
/// does, runs jobs in order, and reacts to changes of state. It affects other objects only through
/// its Surroundings and `hooks`.
class Engine {
public:
    using Loader = std::function<load::LoadedUnit(const unit::UnitName&)>;
    /// Creates an object of the class for the unit's type.
    using Factory = std::function<std::unique_ptr<Unit>(Engine&, load::LoadedUnit)>;

    Engine(Surroundings& surroundings, Loader load, Factory make);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    EngineHooks hooks;

    Surroundings& surroundings() const { return state_.surroundings; }

    /// Returns the unit with this name or alias. Loads the unit if necessary. A unit without a file
    /// is loaded, too, with the state not_found.
    Unit& unit(const unit::UnitName& name);
    /// Returns the unit if it is loaded, or else null.
    Unit* find(std::string_view name) const { return state_.units.find(name); }
    /// Returns all units, sorted by name.
    std::vector<Unit*> units() const { return state_.units.list(); }

    /// Makes `socket` a trigger of `service`, which serves one connection. Orders the socket before
    /// the service.
    void add_trigger(Unit& socket, Unit& service);
    /// Reloads the units in PropagatesReloadTo= of `unit`, which has sent RELOADING=1.
    void propagate_reload(Unit& unit);
    /// Returns the unit that names `handler` in OnFailure= or OnSuccess=. Returns null unless
    /// exactly one unit names `handler`.
    const Unit* monitored_by(const Unit& handler) const;

    using Enqueued = Transaction::Outcome;
    /// Builds a transaction for this job, and enqueues its jobs. If the request is refused, returns
    /// the reason. A client's request must be checked with `refuse_by_hand` first.
    Enqueued enqueue(JobType type, Unit& unit, unit::JobMode mode);
    /// Returns the reason why `enqueue` would refuse this job. Returns nullopt if `enqueue` would
    /// accept it. Creates no job.
    std::optional<Refusal> try_job(JobType type, Unit& unit, unit::JobMode mode);

    bool cancel(std::uint64_t job);
    std::vector<const Job*> jobs() const { return state_.jobs.list(); }
    bool has_jobs() const { return !state_.jobs.by_id.empty(); }

    void reset_failed(Unit& unit);

    /// Sets the status with which the whole system will exit. FailureAction=exit and similar
    /// actions may replace this status later.
    void set_exit_status(std::uint8_t status) { state_.exit_status = status; }
    std::uint8_t exit_status() const { return state_.exit_status; }

    /// Runs the jobs that may run, handles deadlines that have passed, and stops units that are not
    /// needed any more.
    void run_due();
    /// Returns the latest time at which `run_due` must be called (monotonic, µs). The time may be
    /// in the past. Returns 0 if no call is needed before the next event.
    std::uint64_t next_deadline() const;

    /// Reads the files again. Running units continue (daemon-reload in systemctl(1)).
    void reload_files();

    // Units call the following functions: see the functions of Unit with the same names.
    std::uint64_t next_serial() { return ++state_.units.last_serial; }
    void changed(Unit& unit, ActiveState before, bool reload_failed);
    void deadline_changed(const Unit& unit);
    void use_ended(const Unit& unit);
    void conditions_known(const Unit& unit);

private:
    bool pass_deadline(std::uint64_t now);
    void job_timed_out(Job& job);

    EngineState state_;
};

}  // namespace notifybridge::manager
