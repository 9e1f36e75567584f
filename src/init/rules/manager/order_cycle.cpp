#include "init/rules/manager/order_cycle.hpp"

#include <algorithm>
#include <unordered_set>

#include "init/rules/manager/unit.hpp"

namespace notifybridge::manager {
namespace {

/// A depth-first search. It stores its path in a list, because recursion along a long chain would
/// overflow the stack.
class Search {
public:
    explicit Search(util::FunctionRef<const Task*(const Unit&)> task_of) : task_of_(task_of) {}

    std::vector<Unit*> run(Unit& start);

private:
    struct Step {
        Unit* unit;
        std::size_t next_edge = 0;
    };

    Unit* next(Step& step) const;
    void enter(Unit& unit);
    std::vector<Unit*> path_back_to(const Unit& unit) const;

    util::FunctionRef<const Task*(const Unit&)> task_of_;
    std::vector<Step> path_;
    std::unordered_set<const Unit*> on_path_;
    std::unordered_set<const Unit*> seen_;
};

void Search::enter(Unit& unit) {
    path_.push_back({&unit});
    on_path_.insert(&unit);
    seen_.insert(&unit);
}

/// Returns the next unit whose task waits for the task of this step.
Unit* Search::next(Step& step) const {
    const auto& edges = step.unit->dependencies.edges();
    const Task* const task = task_of_(*step.unit);
    while (task && step.next_edge < edges.size()) {
        const Dependencies::Edge& edge = edges[step.next_edge++];
        const bool is_before = (edge.effects & static_cast<Effects>(Effect::before)) != 0;
        const bool is_after = (edge.effects & static_cast<Effects>(Effect::after)) != 0;
        const Task* const other = is_before || is_after ? task_of_(*edge.unit) : nullptr;
        if (!other)
            continue;
        if ((is_before && order_of(*task, *other, false) == Order::before)
            || (is_after && order_of(*task, *other, true) == Order::before))
            return edge.unit;
    }
    return nullptr;
}

std::vector<Unit*> Search::run(Unit& start) {
    if (seen_.contains(&start))
        return {};
    enter(start);
    while (!path_.empty()) {
        Unit* const unit = next(path_.back());
        if (!unit) {
            on_path_.erase(path_.back().unit);
            path_.pop_back();
        } else if (on_path_.contains(unit)) {
            return path_back_to(*unit);
        } else if (!seen_.contains(unit)) {
            enter(*unit);
        }
    }
    return {};
}

std::vector<Unit*> Search::path_back_to(const Unit& unit) const {
    std::vector<Unit*> units;
    for (auto step = path_.rbegin(); units.empty() || units.back() != &unit; ++step)
        units.push_back(step->unit);
    return units;
}

}  // namespace

std::vector<Unit*> find_cycle(const std::vector<Unit*>& starts,
                              util::FunctionRef<const Task*(const Unit&)> task_of) {
    Search search(task_of);
    for (Unit* const start : starts) {
        auto cycle = search.run(*start);
        if (!cycle.empty())
            return cycle;
    }
    return {};
}

}  // namespace notifybridge::manager
