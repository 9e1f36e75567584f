#pragma once

#include "base/process/environment.hpp"

namespace notifybridge::wait {

/// Removes the variables that systemd passed to us: container runtimes act on them.
void keep_from_command(process::Environment& environment);

}  // namespace notifybridge::wait
