#pragma once

#include <string_view>
#include <vector>

#include "bridge/diagnosis/unit.hpp"

namespace notifybridge::diagnosis {

/// Returns the units in the output of `systemctl show`, which separates them with an empty line.
/// systemctl does not quote words, so a word with blanks becomes several words.
std::vector<UnitFacts> read_units(std::string_view text);

}  // namespace notifybridge::diagnosis
