#pragma once

#include "base/event/loop.hpp"

namespace notifybridge::daemon {

/// Ends all remaining descendants of this process, of all units. Sends SIGTERM, and after ten
/// seconds SIGKILL.
event::Awaitable<> end_remaining_processes(event::Loop& loop);

}  // namespace notifybridge::daemon
