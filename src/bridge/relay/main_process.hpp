#pragma once

namespace notifybridge::relay {

/// Logs a warning if systemd will drop our messages because we are not the main process of our
/// unit, as far as the environment shows that.
void warn_of_main_process();

}  // namespace notifybridge::relay
