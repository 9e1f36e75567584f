#pragma once

#include "base/process/environment.hpp"

namespace notifybridge::wait {

/// Removes the variables that systemd has passed to us, because container runtimes act on them.
void remove_systemd_variables(process::Environment& environment);

}  // namespace notifybridge::wait
