#pragma once

#include "base/event/loop.hpp"

namespace notifybridge::daemon {

/// Ends all remaining processes below us, of whatever unit: sends SIGTERM, and SIGKILL after ten
/// seconds.
event::Awaitable<> end_remaining_processes(event::Loop& loop);

}  // namespace notifybridge::daemon
