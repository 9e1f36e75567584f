#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/util/concat.hpp"
#include "init/files/unit/messages.hpp"

namespace notifybridge::load {

/// A rule that a unit must obey, and the message about a unit that breaks the rule.
struct Rule {
    bool is_broken;
    std::string_view sentence;
};

/// Adds a message for the first broken rule. Returns true if no rule is broken.
inline bool holds_all(std::initializer_list<Rule> rules, unit::Place file,
                      unit::Messages& messages) {
    const auto broken =
        std::ranges::find_if(rules, [](const Rule& rule) { return rule.is_broken; });
    if (broken != rules.end())
        messages.fail(file, util::concat("cannot use the unit: ", broken->sentence, '.'));
    return broken == rules.end();
}

}  // namespace notifybridge::load
