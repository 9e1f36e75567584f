#include "init/answers/dbus/condition_text.hpp"

#include <algorithm>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/files/directive/property_text.hpp"

namespace notifybridge::dbus {

using directive::to_property;
using util::concat;

std::string conditions_text(std::string_view kind, const std::vector<unit::Condition>& conditions,
                            const ConditionTest& test) {
    const auto triggers = std::ranges::count_if(conditions, &unit::Condition::is_trigger);
    // To pass the test, one condition with "|" must hold. If there are several, we do not know
    // which of them held.
    const bool is_trigger_known = !test.unmet.empty() || triggers == 1;
    bool is_tested = test.has_run;
    std::string text;
    for (auto each = conditions.rbegin(); each != conditions.rend(); ++each) {
        std::string_view result = "0";
        if (is_tested && (!each->is_trigger || is_trigger_known)) {
            const bool is_unmet = util::contains(test.unmet, &*each);
            result = is_unmet ? "-1" : "1";
            // The test stops at a condition without "|" that does not hold.
            is_tested = !is_unmet || each->is_trigger;
        }
        text += concat(text.empty() ? "" : "\n", kind, each->type, ' ',
                       to_property(each->is_trigger), ' ', to_property(each->is_negated), ' ',
                       result, ' ', to_property(std::vector{each->parameter}));
    }
    return text;
}

}  // namespace notifybridge::dbus
