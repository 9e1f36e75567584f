#pragma once

#include "base/event/loop.hpp"

namespace notifybridge::daemon {

/// Ends all descendants of this process that still run, no matter to which unit they belong. Sends
/// SIGTERM, and after ten seconds SIGKILL.
event::Awaitable<> end_remaining_processes(event::Loop& loop);

}  // namespace notifybridge::daemon
