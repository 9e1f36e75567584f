#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "init/files/unit/settings.hpp"
#include "init/rules/manager/engine_state.hpp"
#include "init/rules/manager/refusal.hpp"

namespace notifybridge::manager {

/// The tasks of one request, and the tasks that these pull in, before they become jobs. Redundant
/// tasks, contradicting tasks and cycles are removed. If the removal is impossible, the request is
/// refused and nothing changes.
///
/// The steps, and the tasks that each step drops, are those of systemd 252.
class Transaction {
public:
    Transaction(EngineState& engine, unit::JobMode mode) : engine_(engine), mode_(mode) {}

    /// Adds the requested task, which is called the anchor, and everything that it pulls in.
    std::optional<Refusal> add_anchor(JobType type, Unit& unit);
    /// Adds an anchor that does nothing, and the reloads of PropagatesReloadTo=.
    void add_reloads_of(Unit& unit);
    /// Removes redundant tasks, contradicting tasks and cycles. If the removal is impossible,
    /// returns the reason.
    std::optional<Refusal> arrange();
    /// The result of `activate`, which arranges the tasks and turns them into jobs.
    struct Outcome {
        std::uint64_t job = 0;  ///< The anchor's job, or 0 if the request is refused.
        Refusal refusal;
        std::vector<std::uint64_t> others = {};  ///< The jobs that were pulled in.
    };
    Outcome activate();

private:
    struct Node;
    /// A record that the task `from` pulled in the task `to`.
    struct Link {
        Node* from;
        Node* to;
        bool matters;    ///< Whether `from` needs `to`.
        bool conflicts;  ///< Whether `to` is a stop because of Conflicts=.
    };
    struct Node : Task {
        std::vector<Link> pulled_in;     ///< Links from this task.
        std::vector<Link> pulled_in_by;  ///< Links to this task.
        bool matters_to_anchor = false;
    };
    /// The way in which a task is pulled in.
    struct Pull {
        Node* by = nullptr;
        bool matters = false;
        bool conflicts = false;
    };
    using Nodes = std::vector<std::unique_ptr<Node>>;
    /// The tasks by the serials of their units. Within a unit, the task that was added last comes
    /// first.
    using NodesByUnit = std::map<std::uint64_t, Nodes>;

    // Defined in transaction_add.cpp: functions that add the tasks that a task pulls in.
    std::optional<Refusal> add(JobType type, Unit& unit, const Pull& pull);
    std::optional<Refusal> refuse(JobType type, const Unit& unit) const;
    Node& find_or_make(JobType type, Unit& unit, bool& is_new);
    std::optional<Refusal> add_pulled_in(Node& node);
    std::optional<Refusal> add_for_start(Node& node);
    std::optional<Refusal> add_required(Node& node, Effect effect, JobType type, bool conflicts);
    void add_ignoring(Node& node, Unit& unit, JobType type);
    std::optional<Refusal> add_restarts(Node& node);
    void add_reloads(Node& node, Unit& unit);
    void add_isolated_stops();
    void add_triggering_stops();
    void add_stop_for_anchor(Unit& unit);

    // Defined in transaction.cpp: functions that remove tasks.
    void mark_what_matters();
    void minimize_impact();
    bool has_too_much_impact(const Node& node) const;
    void drop_redundant();
    bool is_redundant(const Node& node) const;
    void collect_garbage();
    std::optional<Refusal> merge_all();
    std::optional<Refusal> find_contradiction(Nodes& nodes, bool& has_dropped);
    bool drop_one_contradicting(Nodes& nodes);
    static void take_over_links(Node& node, const Node& other);
    void merge(Nodes& nodes);
    std::optional<Refusal> refuse_destruction() const;
    void cancel_others();
    Outcome install();
    void remove(Node& node, bool with_dependents);
    Nodes* nodes_of(const Unit& unit);

    // Defined in transaction_order.cpp: functions that break cycles.
    std::optional<Refusal> break_cycles();
    std::optional<Refusal> break_cycle(const std::vector<Unit*>& cycle);
    const Task* task_of(const Unit& unit);
    bool can_do_without(const Unit& unit);
    void remove_all_of(const Unit& unit);

    EngineState& engine_;
    unit::JobMode mode_;
    NodesByUnit nodes_;
    Node* anchor_ = nullptr;
};

}  // namespace notifybridge::manager
