#include <algorithm>

#include "base/util/concat.hpp"
#include "init/rules/manager/order_cycle.hpp"
#include "init/rules/manager/transaction.hpp"

/// Breaks cycles in the order of a transaction's tasks and the existing jobs. Like systemd, goes
/// from each unit of the cycle to the unit that it waits for. Drops the first task that the anchor
/// does not need.
namespace notifybridge::manager {

using util::concat;

const Task* Transaction::task_of(const Unit& unit) {
    if (const Nodes* const nodes = nodes_of(unit))
        return nodes->front().get();
    return unit.job;
}

std::optional<Refusal> Transaction::break_cycles() {
    const auto task_of_unit = [this](const Unit& unit) { return task_of(unit); };
    for (;;) {
        std::vector<Unit*> starts;
        for (const auto& [serial, nodes] : nodes_)
            starts.push_back(&nodes.front()->unit);
        const std::vector<Unit*> cycle = find_cycle(starts, task_of_unit);
        if (cycle.empty())
            return std::nullopt;
        if (auto refusal = break_cycle(cycle))
            return refusal;
        if (mode_ != unit::JobMode::isolate)
            collect_garbage();
    }
}

std::optional<Refusal> Transaction::break_cycle(const std::vector<Unit*>& cycle) {
    const auto label = [this](const Unit& unit) {
        return concat(unit.id(), '/', to_string(task_of(unit)->type));
    };
    const Unit& start = *cycle.back();
    const auto say = [&](util::Severity severity, const std::string& text) {
        start.say(severity, text);
    };
    for (const Unit* const unit : cycle)
        say(util::Severity::warning,
            concat(unit == cycle.front() ? "Found ordering cycle on " : "Found dependency on ",
                   label(*unit)));
    const auto dropped =
        std::ranges::find_if(cycle, [this](Unit* unit) { return can_do_without(*unit); });
    if (dropped == cycle.end()) {
        say(util::Severity::error, concat("Unable to break cycle starting with ", label(start)));
        return Refusal{"Transaction order is cyclic. See system logs for details.",
                       "TransactionOrderIsCyclic"};
    }
    say(util::Severity::error,
        concat("Job ", label(**dropped), " deleted to break ordering cycle starting with ",
               label(start)));
    remove_all_of(**dropped);
    return std::nullopt;
}

bool Transaction::can_do_without(const Unit& unit) {
    const Nodes* const nodes = nodes_of(unit);
    return nodes && std::none_of(nodes->begin(), nodes->end(), [](const auto& node) {
               return node->matters_to_anchor;
           });
}

void Transaction::remove_all_of(const Unit& unit) {
    while (Nodes* const nodes = nodes_of(unit))
        remove(*nodes->front(), true);
}

}  // namespace notifybridge::manager
