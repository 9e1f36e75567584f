#pragma once

#include "init/unit/load_state.hpp"
#include "init/unit/messages.hpp"
#include "init/unit/name.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::load {

/// Gives the settings whose defaults depend on others their values, and looks whether systemd
/// would take the unit. Where it would not, the state is `bad_setting`, or `error` for what systemd
/// refuses with EPERM, and a message says what is wrong and what would be right
/// (systemd.service(5), systemd.socket(5)).
unit::LoadState complete(unit::Settings& settings, const unit::UnitName& name, unit::Place file,
                         unit::Messages& messages);

}  // namespace notifybridge::load
