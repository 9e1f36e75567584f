#pragma once

#include <string>
#include <vector>

#include "base/util/rare.hpp"
#include "base/util/time_span.hpp"
#include "init/files/unit/command.hpp"

/// Defines types that the settings of all sections share.
namespace notifybridge::unit {

using util::Rare;
using util::TimeSpan;
using Names = std::vector<std::string>;
using Paths = std::vector<std::string>;
using Commands = std::vector<Command>;

}  // namespace notifybridge::unit
