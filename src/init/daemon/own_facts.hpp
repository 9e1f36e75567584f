#pragma once

#include <string>

#include "init/unit/specifier.hpp"

namespace notifybridge::daemon {

/// Returns the facts of this manager. If `root` is not empty, its directories are those of the
/// system manager below `root`, even if another user than root runs it. If `root` is empty and this
/// is PID 1, also sets up the machine's id.
unit::Facts own_facts(const std::string& root);

}  // namespace notifybridge::daemon
