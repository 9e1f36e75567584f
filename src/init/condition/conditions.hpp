#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/unit/environment.hpp"
#include "init/unit/settings.hpp"
#include "init/unit/specifier.hpp"

/// CONDITIONS AND ASSERTS of systemd.unit(5), evaluated as systemd 252 does.
namespace notifybridge::condition {

/// Facts for conditions that cannot be read from the system.
struct ConditionFacts {
    const unit::Facts& facts;
    const unit::Environment& environment;  ///< The manager's environment, for
                                           ///< ConditionEnvironment=.
};

/// Returns whether the parameter of `condition` is met, ignoring its "!". Returns nullopt if the
/// parameter is not valid: then the condition does not hold, negated or not.
std::optional<bool> is_met(const unit::Condition& condition, const ConditionFacts& given);

/// Returns whether all conditions without "|" hold, and, if there are any with "|", at least one of
/// those. Adds to `unmet` the tested conditions that do not hold. As in systemd, tests the last
/// condition first, and stops at one without "|" that does not hold.
bool all_hold(const std::vector<unit::Condition>& conditions, const ConditionFacts& given,
              unit::UnmetConditions& unmet);

}  // namespace notifybridge::condition
