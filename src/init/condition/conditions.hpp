#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/unit/environment.hpp"
#include "init/unit/settings.hpp"
#include "init/unit/specifier.hpp"

/// Evaluates CONDITIONS AND ASSERTS of systemd.unit(5) like systemd 252.
namespace notifybridge::condition {

/// Holds what conditions need and cannot read from the system.
struct ConditionFacts {
    const unit::Facts& facts;
    const unit::Environment& environment;  ///< The manager's environment, for
                                           ///< ConditionEnvironment=.
};

/// Returns whether the parameter of `condition` is met, and ignores its "!". Returns nullopt if the
/// parameter is not valid: such a condition does not hold, even with "!".
std::optional<bool> is_met(const unit::Condition& condition, const ConditionFacts& given);

/// Returns whether all conditions without "|" hold, and at least one of those with "|" if there are
/// any. Adds the tested conditions that do not hold to `unmet`.
///
/// Like systemd, tests the last condition first, and stops at a condition without "|" that does not
/// hold.
bool all_hold(const std::vector<unit::Condition>& conditions, const ConditionFacts& given,
              unit::UnmetConditions& unmet);

}  // namespace notifybridge::condition
