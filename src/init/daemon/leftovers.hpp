#pragma once

#include "base/event/loop.hpp"

namespace notifybridge::daemon {

/// Ends all processes that are left below us, whatever unit they were of: by SIGTERM, and by
/// SIGKILL what is still there after ten seconds.
event::Awaitable<> end_leftovers(event::Loop& loop);

}  // namespace notifybridge::daemon
