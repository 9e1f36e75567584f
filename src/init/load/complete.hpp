#pragma once

#include "init/unit/load_state.hpp"
#include "init/unit/messages.hpp"
#include "init/unit/name.hpp"
#include "init/unit/settings.hpp"

namespace notifybridge::load {

/// Sets the defaults that depend on other settings, and checks whether systemd would accept the
/// unit (systemd.service(5), systemd.socket(5)). If not, returns `bad_setting`, or `error` if
/// systemd refuses it with EPERM, and adds a message that says what is wrong and what would be
/// right.
unit::LoadState complete(unit::Settings& settings, const unit::UnitName& name, unit::Place file,
                         unit::Messages& messages);

}  // namespace notifybridge::load
