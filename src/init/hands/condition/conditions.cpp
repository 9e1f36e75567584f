#include "init/hands/condition/conditions.hpp"

#include <algorithm>

#include "init/hands/condition/condition_tests.hpp"

namespace notifybridge::condition {

std::optional<bool> is_met(const unit::Condition& condition, const ConditionFacts& given) {
    for (const auto& kinds : {path_conditions, machine_conditions, system_conditions})
        for (const ConditionKind& kind : kinds)
            if (kind.type == condition.type)
                return kind.test(condition.parameter, given);
    return std::nullopt;
}

bool is_about_path(const unit::Condition& condition) {
    return std::ranges::find(path_conditions, condition.type, &ConditionKind::type)
           != path_conditions.end();
}

bool all_hold(const std::vector<unit::Condition>& conditions, const ConditionFacts& given,
              unit::UnmetConditions& unmet) {
    return all_hold(
        conditions, [&](const unit::Condition& each) { return is_met(each, given); }, unmet);
}

bool all_hold(const std::vector<unit::Condition>& conditions,
              util::FunctionRef<std::optional<bool>(const unit::Condition&)> is_met,
              unit::UnmetConditions& unmet) {
    bool has_triggers = false;
    bool is_triggered = false;
    for (auto each = conditions.rbegin(); each != conditions.rend(); ++each) {
        const auto met = is_met(*each);
        const bool holds = met && *met != each->is_negated;
        if (!holds)
            unmet.push_back(&*each);
        if (!holds && !each->is_trigger)
            return false;
        has_triggers |= each->is_trigger;
        is_triggered |= each->is_trigger && holds;
    }
    return !has_triggers || is_triggered;
}

}  // namespace notifybridge::condition
