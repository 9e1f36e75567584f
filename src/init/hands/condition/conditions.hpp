#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"
#include "init/files/unit/environment.hpp"
#include "init/files/unit/settings.hpp"
#include "init/files/unit/specifier.hpp"

/// Evaluates conditions and asserts like systemd 252 (systemd.unit(5), CONDITIONS AND ASSERTS).
namespace notifybridge::condition {

/// The facts that the caller passes to the tests. The tests read all other facts from the system.
struct ConditionFacts {
    const unit::Facts& facts;
    const unit::Environment& environment;  ///< For ConditionEnvironment=.
    /// The number of files and directories that a test may look at.
    std::size_t most_looks = SIZE_MAX;
};

/// Returns whether the parameter of `condition` is met. Ignores the "!" of a negated condition.
/// Returns nullopt if the parameter is not valid: then the condition does not hold, negated or not.
/// Also returns nullopt if the test would have to look at too many files.
std::optional<bool> is_met(const unit::Condition& condition, const ConditionFacts& given);

/// Returns whether the conditions hold. All conditions without "|" must hold. If there are
/// conditions with "|", at least one of them must hold. Adds each tested condition to `unmet` if it
/// does not hold.
///
/// Like systemd, tests the last condition first, and stops at a condition without "|" that does not
/// hold.
bool all_hold(const std::vector<unit::Condition>& conditions, const ConditionFacts& given,
              unit::UnmetConditions& unmet);

/// Does the same with the results that `is_met` returns.
bool all_hold(const std::vector<unit::Condition>& conditions,
              util::FunctionRef<std::optional<bool>(const unit::Condition&)> is_met,
              unit::UnmetConditions& unmet);

/// Returns whether the parameter of this condition is a path or a pattern, at which the test looks.
bool is_about_path(const unit::Condition& condition);

}  // namespace notifybridge::condition
