#pragma once

#include "base/event/loop.hpp"

namespace notifybridge::daemon {

/// Ends all remaining descendants, whichever unit they belong to. Sends SIGTERM, and after ten
/// seconds SIGKILL.
event::Awaitable<> end_remaining_processes(event::Loop& loop);

}  // namespace notifybridge::daemon
