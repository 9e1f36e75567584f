#include "init/rules/manager/transaction.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/rules/manager/job_queue.hpp"
#include "init/rules/manager/merge.hpp"

namespace notifybridge::manager {

using unit::JobMode;
using util::concat;
using MaybeRefusal = std::optional<Refusal>;

MaybeRefusal Transaction::arrange() {
    mark_what_matters();
    if (mode_ == JobMode::fail)
        minimize_impact();
    drop_redundant();
    // Like systemd, do not collect garbage in the mode "isolate".
    if (mode_ != JobMode::isolate)
        collect_garbage();
    MaybeRefusal refusal = break_cycles();
    if (!refusal)
        refusal = merge_all();
    // Search for cycles again, because the order of a merged task may differ from the order of the
    // tasks that it replaces.
    if (!refusal)
        refusal = break_cycles();
    if (!refusal) {
        drop_redundant();
        refusal = refuse_destruction();
    }
    return refusal;
}

Transaction::Outcome Transaction::activate() {
    if (MaybeRefusal refusal = arrange())
        return {0, std::move(*refusal)};
    if (mode_ == JobMode::isolate || mode_ == JobMode::flush)
        cancel_others();
    return install();
}

void Transaction::mark_what_matters() {
    std::vector<Node*> open = {anchor_};
    anchor_->matters_to_anchor = true;
    while (!open.empty()) {
        const Node& node = *open.back();
        open.pop_back();
        for (const Link& link : node.pulled_in)
            if (link.matters && !link.to->matters_to_anchor) {
                link.to->matters_to_anchor = true;
                open.push_back(link.to);
            }
    }
}

Transaction::Nodes* Transaction::nodes_of(const Unit& unit) {
    const auto found = nodes_.find(unit.serial());
    return found == nodes_.end() ? nullptr : &found->second;
}

/// Removes a task. If `with_dependents` is true, also removes the tasks that need the removed task.
void Transaction::remove(Node& first, bool with_dependents) {
    std::vector<Node*> removed = {&first};
    for (std::size_t i = 0; i < removed.size(); ++i) {
        Node& node = *removed[i];
        const auto leads_here = [&node](const Link& link) {
            return link.from == &node || link.to == &node;
        };
        for (const Link& link : node.pulled_in)
            std::erase_if(link.to->pulled_in_by, leads_here);
        for (const Link& link : node.pulled_in_by) {
            std::erase_if(link.from->pulled_in, leads_here);
            if (with_dependents && link.matters)
                util::add_once(removed, link.from);
        }
        node.pulled_in.clear();
        node.pulled_in_by.clear();
    }
    for (const Node* const node : removed) {
        const auto at = nodes_.find(node->unit.serial());
        std::erase_if(at->second, [node](const auto& other) { return other.get() == node; });
        if (at->second.empty())
            nodes_.erase(at);
    }
}

/// In the mode "fail", removes jobs that would stop a running unit or change an existing job,
/// unless the anchor needs them.
void Transaction::minimize_impact() {
    for (bool again = true; again;) {
        again = false;
        for (const auto& [serial, nodes] : nodes_) {
            const auto found = std::ranges::find_if(
                nodes, [this](const auto& node) { return has_too_much_impact(*node); });
            if (found == nodes.end())
                continue;
            remove(**found, true);
            again = true;
            break;
        }
    }
}

bool Transaction::has_too_much_impact(const Node& node) const {
    if (node.matters_to_anchor)
        return false;
    const Unit& unit = node.unit;
    const bool stops = node.type == JobType::stop && is_up_or_starting(unit.active_state());
    return stops || (unit.job && contradict(node.type, unit.job->type));
}

/// Removes all tasks of a unit if all of them are redundant.
void Transaction::drop_redundant() {
    for (auto at = nodes_.begin(); at != nodes_.end();) {
        Nodes& nodes = (at++)->second;
        const bool is_all =
            std::ranges::all_of(nodes, [this](const auto& node) { return is_redundant(*node); });
        for (std::size_t left = is_all ? nodes.size() : 0; left > 0; --left)
            remove(*nodes.front(), false);
    }
}

bool Transaction::is_redundant(const Node& node) const {
    const Job* const job = node.unit.job;
    return &node != anchor_ && manager::is_redundant(node.type, node.unit.active_state())
           && !(job && contradict(node.type, job->type));
}

/// Removes the tasks that no task pulls in any more, and then the tasks that only removed tasks
/// pulled in.
void Transaction::collect_garbage() {
    std::vector<Node*> open;
    for (const auto& [serial, nodes] : nodes_)
        for (const auto& node : nodes)
            open.push_back(node.get());
    while (!open.empty()) {
        Node* const node = open.back();
        open.pop_back();
        if (node == anchor_ || !node->pulled_in_by.empty())
            continue;
        for (const Link& link : node->pulled_in)
            open.push_back(link.to);
        std::erase(open, node);
        remove(*node, false);
    }
}

MaybeRefusal Transaction::merge_all() {
    for (bool again = true; again;) {
        again = false;
        for (auto& [serial, nodes] : nodes_) {
            auto refusal = find_contradiction(nodes, again);
            if (refusal)
                return refusal;
            if (again)
                break;
        }
        if (again && mode_ != JobMode::isolate)
            collect_garbage();
    }
    for (auto& [serial, nodes] : nodes_)
        merge(nodes);
    return std::nullopt;
}

/// Drops one of a unit's tasks if two of them contradict each other.
MaybeRefusal Transaction::find_contradiction(Nodes& nodes, bool& has_dropped) {
    JobType type = nodes.front()->type;
    const ActiveState state = nodes.front()->unit.active_state();
    for (std::size_t i = 1; i < nodes.size(); ++i) {
        if (const auto merged = merge_and_collapse(type, nodes[i]->type, state)) {
            type = *merged;
            continue;
        }
        const JobType other = nodes[i]->type;
        const std::string& id = nodes[i]->unit.id();
        has_dropped = drop_one_contradicting(nodes);
        if (has_dropped)
            return std::nullopt;
        return Refusal{concat("Transaction contains conflicting jobs '", to_string(type), "' and '",
                              to_string(other), "' for ", id,
                              ". Probably contradicting requirement dependencies configured."),
                       "TransactionJobsConflicting"};
    }
    return std::nullopt;
}

namespace {

template <typename Node>
bool is_conflicted(const Node& node) {
    return std::ranges::any_of(node.pulled_in_by, [](const auto& link) { return link.conflicts; });
}

/// Returns which of two contradicting tasks to drop. Returns null if the anchor needs both tasks.
/// If the anchor needs neither, the task to drop is the stop, unless Conflicts= requests the stop.
template <typename Node>
Node* less_important(Node& one, Node& other) {
    if (one.matters_to_anchor && other.matters_to_anchor)
        return nullptr;
    if (one.matters_to_anchor != other.matters_to_anchor)
        return one.matters_to_anchor ? &other : &one;
    // One of two contradicting tasks is always a stop.
    if (one.type == JobType::stop)
        return is_conflicted(one) ? &other : &one;
    return is_conflicted(other) ? &one : &other;
}

}  // namespace

/// Drops one of two tasks that contradict each other. Two such tasks must exist. Returns false if
/// the anchor needs both.
bool Transaction::drop_one_contradicting(Nodes& nodes) {
    for (auto one = nodes.begin();; ++one) {
        const auto other = std::find_if(std::next(one), nodes.end(), [&](const auto& node) {
            return contradict((*one)->type, node->type);
        });
        if (other == nodes.end())
            continue;
        Node* const dropped = less_important(**one, **other);
        if (dropped)
            remove(*dropped, true);
        return dropped != nullptr;
    }
}

/// Merges a unit's tasks into one. If the anchor is among these tasks, the anchor stays.
void Transaction::merge(Nodes& nodes) {
    auto kept =
        std::ranges::find_if(nodes, [this](const auto& node) { return node.get() == anchor_; });
    if (kept == nodes.end())
        kept = nodes.begin();
    Node& node = **kept;
    JobType type = nodes.front()->type;
    for (std::size_t i = 1; i < nodes.size(); ++i)
        type = *merge_and_collapse(type, nodes[i]->type, node.unit.active_state());
    for (const auto& other : nodes)
        if (other.get() != &node)
            take_over_links(node, *other);
    node.type = type;
    std::unique_ptr<Node> only = std::move(*kept);
    nodes.clear();
    nodes.push_back(std::move(only));
}

void Transaction::take_over_links(Node& node, const Node& other) {
    node.matters_to_anchor |= other.matters_to_anchor;
    for (Link link : other.pulled_in) {
        std::erase_if(link.to->pulled_in_by, [&](const Link& old) { return old.from == &other; });
        link.from = &node;
        node.pulled_in.push_back(link);
        link.to->pulled_in_by.push_back(link);
    }
    for (Link link : other.pulled_in_by) {
        std::erase_if(link.from->pulled_in, [&](const Link& old) { return old.to == &other; });
        link.to = &node;
        node.pulled_in_by.push_back(link);
        link.from->pulled_in.push_back(link);
    }
}

MaybeRefusal Transaction::refuse_destruction() const {
    for (const auto& [serial, nodes] : nodes_) {
        const Node& node = *nodes.front();
        const Job* const job = node.unit.job;
        if (!job || !contradict(job->type, node.type))
            continue;
        if (mode_ != JobMode::fail && !job->irreversible)
            continue;
        return Refusal{
            concat("Transaction for ", anchor_->unit.id(), '/', to_string(anchor_->type),
                   " is destructive (", node.unit.id(), " has '", to_string(job->type),
                   "' job queued, but '", to_string(node.type), "' is included in transaction)."),
            "TransactionIsDestructive"};
    }
    return std::nullopt;
}

void Transaction::cancel_others() {
    for (const std::uint64_t id : engine_.jobs.ids()) {
        Job* const job = engine_.jobs.find(id);
        // Do not also end the jobs that depend on `job`, because this loop checks each job.
        if (job && !job->unit.settings().unit.ignore_on_isolate && !nodes_of(job->unit))
            finish_job(engine_, *job, JobResult::canceled, false, false);
    }
}

Transaction::Outcome Transaction::install() {
    Outcome outcome;
    for (const auto& [serial, nodes] : nodes_) {
        const Job& job = install_job(engine_, *nodes.front());
        if (nodes.front().get() == anchor_)
            outcome.job = job.id;
        else
            outcome.others.push_back(job.id);
    }
    return outcome;
}

}  // namespace notifybridge::manager
