#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "init/manager/engine_state.hpp"
#include "init/manager/transaction.hpp"

namespace notifybridge::manager {

/// Owns units, their dependencies and jobs. Loads units, builds transactions as systemd does, runs
/// jobs in order, and reacts to changes of state. Pure, except for calls to its Surroundings.
class Engine {
public:
    using Loader = std::function<load::LoadedUnit(const unit::UnitName&)>;
    /// Creates a unit of the right type.
    using Factory = std::function<std::unique_ptr<Unit>(Engine&, load::LoadedUnit)>;

    Engine(Surroundings& surroundings, Loader load, Factory make);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    EngineHooks hooks;

    Surroundings& surroundings() const { return state_.surroundings; }

    /// Returns the unit with that name or alias, and loads it if necessary. Never returns null for
    /// a valid name: a unit without a file is loaded as not_found.
    Unit& unit(const unit::UnitName& name);
    /// Returns the unit if it is loaded, else null.
    Unit* find(std::string_view name) const { return state_.units.find(name); }
    std::vector<Unit*> units() const { return state_.units.list(); }  ///< Sorted by name.

    /// Makes the socket trigger the service of a connection, and orders the socket before it.
    void add_trigger(Unit& socket, Unit& service);
    /// Reloads the units in PropagatesReloadTo= of a unit that reloads by itself.
    void propagate_reload(Unit& unit);
    /// Returns the unit whose OnFailure= or OnSuccess= names `handler`; null if there is none, or
    /// several.
    const Unit* monitored_by(const Unit& handler) const;

    using Enqueued = Transaction::Outcome;
    /// Builds a transaction for this job and enqueues it, or returns why that is refused. A
    /// client's request must pass `refuse_by_hand` first.
    Enqueued enqueue(JobType type, Unit& unit, unit::JobMode mode);
    /// Returns why `enqueue` would refuse this job. Creates no job.
    std::optional<Refusal> try_job(JobType type, Unit& unit, unit::JobMode mode);

    bool cancel(std::uint64_t job);
    std::vector<const Job*> jobs() const { return state_.jobs.list(); }
    bool has_jobs() const { return !state_.jobs.by_id.empty(); }

    void reset_failed(Unit& unit);

    /// Sets the exit status of the whole system, for an end by an exit.
    void set_exit_status(std::uint8_t status) { state_.exit_status = status; }
    std::uint8_t exit_status() const { return state_.exit_status; }

    /// Runs jobs that may run now, handles deadlines that have passed, and stops units that are no
    /// longer needed.
    void run_due();
    /// Returns when `run_due` must be called at the latest (monotonic, µs), which may be in the
    /// past; 0: only after an event.
    std::uint64_t next_deadline() const;

    /// Reads the files again. Running units continue (systemctl daemon-reload).
    void reload_files();

    // Called by units: see the functions of Unit with these names.
    std::uint64_t next_serial() { return ++state_.units.last_serial; }
    void changed(Unit& unit, ActiveState before, bool reload_failed);
    void deadline_changed(const Unit& unit);
    void use_ended(const Unit& unit);

private:
    bool pass_deadline(std::uint64_t now);
    void job_timed_out(Job& job);

    EngineState state_;
};

}  // namespace notifybridge::manager
