#pragma once

#include "base/process/environment.hpp"

namespace notifybridge::wait {

/// Removes the variables that systemd has passed to us, because container runtimes act on them.
void keep_from_command(process::Environment& environment);

}  // namespace notifybridge::wait
