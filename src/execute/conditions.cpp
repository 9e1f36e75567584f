#include "execute/conditions.hpp"

#include "execute/condition_tests.hpp"
#include "system/file.hpp"

namespace notifybridge::execute {

std::string line_of(const std::string& path) {
    const std::string text = system::text_of(path);
    return text.substr(0, text.find('\n'));
}

std::optional<bool> is_met(const unit::Condition& condition, const ConditionFacts& given) {
    for (const auto& kinds : {path_conditions, machine_conditions, system_conditions})
        for (const ConditionKind& kind : kinds)
            if (kind.type == condition.type)
                return kind.test(condition.parameter, given);
    return std::nullopt;
}

bool all_hold(const std::vector<unit::Condition>& conditions, const ConditionFacts& given,
              const unit::Condition*& failed) {
    const unit::Condition* untriggered = nullptr;
    bool is_triggered = false;
    for (const unit::Condition& condition : conditions) {
        const auto met = is_met(condition, given);
        const bool holds = met && *met != condition.is_negated;
        if (condition.is_trigger) {
            is_triggered |= holds;
            untriggered = untriggered ? untriggered : &condition;
        } else if (!holds) {
            failed = &condition;
            return false;
        }
    }
    const bool all = !untriggered || is_triggered;
    failed = all ? nullptr : untriggered;
    return all;
}

}  // namespace notifybridge::execute
