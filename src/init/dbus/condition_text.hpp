#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "init/unit/settings_unit.hpp"

namespace notifybridge::dbus {

/// The last test of a unit's conditions or asserts.
struct ConditionTest {
    bool has_run;  ///< False if the unit's files were read after the test.
    /// The tested conditions that did not hold. Empty if the test was passed, even if some of the
    /// conditions with "|" did not hold.
    const unit::UnmetConditions& unmet;
};

/// Returns the text for Conditions or Asserts, with a line for each condition. The line has the
/// condition's directive, which starts with `kind` ("Condition" or "Assert"), whether it has "|"
/// and "!", the result, and the parameter. The results are those of systemd: 1 if the condition
/// held, -1 if not, and 0 if it was not tested or the result is not known.
///
/// Like systemd, lists the last condition first.
std::string conditions_text(std::string_view kind, const std::vector<unit::Condition>& conditions,
                            const ConditionTest& test);

}  // namespace notifybridge::dbus
