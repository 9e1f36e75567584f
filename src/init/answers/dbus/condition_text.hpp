#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/files/unit/settings_unit.hpp"

namespace notifybridge::dbus {

/// The last test of a unit's conditions or asserts.
struct ConditionTest {
    bool has_run;  ///< False if there was no test after the unit's files were last read.
    /// The tested conditions that did not hold. Empty if the test was passed, even if some of the
    /// conditions with "|" did not hold.
    const unit::UnmetConditions& unmet;
};

/// Returns the text of the property Conditions or Asserts, with one line for each condition:
/// "ConditionPathExists no yes 1 /run/ready". The directive starts with `kind` ("Condition" or
/// "Assert"). The first boolean is true if the condition has "|", and the second if it has "!".
///
/// The number is systemd's result: 1 if the condition held, -1 if it did not, or 0 if the result is
/// unknown. Like systemd, lists the last condition first.
std::string conditions_text(std::string_view kind, const std::vector<unit::Condition>& conditions,
                            const ConditionTest& test);

}  // namespace notifybridge::dbus
