#pragma once

#include "base/cli/dispatch.hpp"
#include "bridge/guest/settings.hpp"

namespace notifybridge {

/// Returns whether `wait` must receive the messages of a virtual machine (--listen). Throws
/// cli::UsageError if --listen is missing, but another option needs it.
bool is_for_guest(const cli::Arguments& arguments);

/// Reads `arguments`, parsed with `wait_usage`, and the environment. Throws cli::UsageError if a
/// value is not valid.
guest::Settings read_guest_settings(const cli::Arguments& arguments);

}  // namespace notifybridge
