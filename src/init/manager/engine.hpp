#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/manager/deadlines.hpp"
#include "init/manager/follow_up.hpp"
#include "init/manager/job_queue.hpp"
#include "init/manager/refusal.hpp"
#include "init/manager/transaction.hpp"
#include "init/manager/unit.hpp"
#include "init/manager/unit_graph.hpp"

namespace notifybridge::manager {

/// Owns units, their dependencies and jobs. Loads units, builds transactions as systemd does, runs
/// jobs in order, and reacts to changes of state. Pure, except for calls to its Surroundings.
class Engine {
public:
    using Loader = UnitGraph::Loader;
    /// Makes the unit of its type.
    using Factory = UnitGraph::Factory;

    Engine(Surroundings& surroundings, Loader load, Factory make);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    Surroundings& surroundings() const { return surroundings_; }

    /// Returns the unit with that name or alias, and loads it if necessary. Never returns null for
    /// a valid name: a unit without a file is loaded as not_found.
    Unit& unit(const unit::UnitName& name) { return graph_.unit(name); }
    /// The same, if it is there already.
    Unit* find(std::string_view name) const { return graph_.find(name); }
    std::vector<Unit*> units() const { return graph_.units(); }  ///< By their names.

    /// A connection's service: the socket is Before= it, and triggers it.
    void add_trigger(Unit& socket, Unit& service);
    /// Reloads what PropagatesReloadTo= of a unit names, which reloads itself.
    void propagate_reload(Unit& unit);
    /// Returns the unit whose OnFailure= or OnSuccess= names `handler`; null if there is none, or
    /// several.
    const Unit* monitored_by(const Unit& handler) const;

    using Enqueued = Transaction::Outcome;
    /// Puts a transaction for this job together and enqueues it, or says why not. A client's
    /// request is to pass `refuse_by_hand` first.
    Enqueued enqueue(JobType type, Unit& unit, unit::JobMode mode);
    /// Called before a unit is loaded that somebody asks for, and with it all that its edges lead
    /// to: one look at the directories is enough for them.
    std::function<void()> before_loading;
    /// Called with each job that is over.
    std::function<void(const Job&, JobResult)> on_job_end;
    /// Called after each change of a unit's state.
    std::function<void(Unit&, ActiveState before)> on_change;
    /// Called with a unit that is about to be forgotten. If unset, only services of connections are
    /// forgotten.
    std::function<void(Unit&)> on_forget;
    /// Makes 32 hexadecimal digits that nothing else has.
    std::function<std::string()> make_invocation_id;

    bool cancel(std::uint64_t job);
    std::vector<const Job*> jobs() const { return jobs_.list(); }
    bool has_jobs() const { return !jobs_.empty(); }

    void reset_failed(Unit& unit);

    /// FailureAction= and its like: an orderly end starts its target, a forced one ends all.
    void act(unit::EmergencyAction action, std::optional<std::uint8_t> status,
             std::string_view reason, bool is_bad);
    /// The status that the whole system ends with, if an exit ends it.
    void set_exit_status(std::uint8_t status) { exit_status_ = status; }
    std::uint8_t exit_status() const { return exit_status_; }

    /// Runs jobs that may run now, handles deadlines that have passed, and stops units that are no
    /// longer needed.
    void run_due();
    /// When `run_due` is to be called at the latest (monotonic, µs), which may be in the past; 0:
    /// only after an event.
    std::uint64_t next_deadline() const;

    /// Reads the files again; what runs goes on (systemctl daemon-reload).
    void reload_files();

private:
    friend class Unit;
    friend class JobQueue;
    friend class FollowUp;
    friend class Transaction;

    void forget_suspects();
    bool may_forget(const Unit& unit) const;
    bool is_kept(const Unit& unit) const;
    void let_go(Unit& unit);
    bool pass_deadline(std::uint64_t now);
    void job_timed_out(Job& job);

    Surroundings& surroundings_;
    UnitGraph graph_;
    JobQueue jobs_;
    FollowUp follow_up_;
    Deadlines unit_deadlines_;
    std::uint8_t exit_status_ = 0;
};

}  // namespace notifybridge::manager
