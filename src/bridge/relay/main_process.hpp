#pragma once

namespace notifybridge::relay {

/// Logs a warning if the environment shows that systemd will drop our messages, because we are not
/// the main process of our unit.
void warn_of_main_process();

}  // namespace notifybridge::relay
