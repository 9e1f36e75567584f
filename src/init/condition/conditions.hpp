#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/unit/environment.hpp"
#include "init/unit/settings.hpp"
#include "init/unit/specifier.hpp"

/// CONDITIONS AND ASSERTS of systemd.unit(5), as systemd 252 tells whether they hold.
namespace notifybridge::condition {

/// What conditions ask for that is not to be read from the system.
struct ConditionFacts {
    const unit::Facts& facts;
    const unit::Environment& environment;  ///< The manager's: ConditionEnvironment=.
};

/// Whether a condition's parameter is met, its "!" left out; nothing where the parameter is not
/// valid: then the condition does not hold, negated or not.
std::optional<bool> is_met(const unit::Condition& condition, const ConditionFacts& given);

/// Whether all hold that have no "|", and one of those that have, if there are any. `unmet` gets
/// those that were tested and do not hold. The last is tested first, and one without "|" that does
/// not hold is the last that is tested, as systemd has it.
bool all_hold(const std::vector<unit::Condition>& conditions, const ConditionFacts& given,
              unit::UnmetConditions& unmet);

}  // namespace notifybridge::condition
