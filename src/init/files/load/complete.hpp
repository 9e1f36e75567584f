#pragma once

#include "init/files/unit/load_state.hpp"
#include "init/files/unit/messages.hpp"
#include "init/files/unit/name.hpp"
#include "init/files/unit/settings.hpp"

namespace notifybridge::load {

/// Sets the defaults that depend on other settings. Then checks whether systemd would accept the
/// unit (systemd.service(5), systemd.socket(5)).
///
/// If systemd would refuse the unit, adds a message with the reason and the remedy. In this case,
/// returns `error` if systemd's error is EPERM, and `bad_setting` for all other errors.
unit::LoadState complete(unit::Settings& settings, const unit::UnitName& name, unit::Place file,
                         unit::Messages& messages);

}  // namespace notifybridge::load
