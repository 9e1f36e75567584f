#pragma once

#include "base/event/loop.hpp"

namespace notifybridge::daemon {

/// Ends all remaining descendants, whatever their unit. Sends SIGTERM, and SIGKILL after ten
/// seconds.
event::Awaitable<> end_remaining_processes(event::Loop& loop);

}  // namespace notifybridge::daemon
