#pragma once

#include "unit/load_state.hpp"
#include "unit/messages.hpp"
#include "unit/name.hpp"
#include "unit/settings.hpp"

namespace notifybridge::unit {

/// Gives the settings whose defaults depend on others their values, and looks whether systemd
/// would take the unit. Where it would not, the state is `bad_setting`, or `error` for what systemd
/// refuses with EPERM, and a message says what is wrong and what would be right
/// (systemd.service(5), systemd.socket(5)).
LoadState complete(Settings& settings, const UnitName& name, Place file, Messages& messages);

}  // namespace notifybridge::unit
