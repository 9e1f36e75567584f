#pragma once

#include <string>
#include <vector>

#include "unit/command.hpp"
#include "util/rare.hpp"
#include "util/time_span.hpp"

/// What settings of all sections are made of.
namespace notifybridge::unit {

using util::Rare;
using util::TimeSpan;
using Names = std::vector<std::string>;
using Paths = std::vector<std::string>;
using Commands = std::vector<Command>;

}  // namespace notifybridge::unit
