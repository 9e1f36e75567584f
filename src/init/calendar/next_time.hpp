#pragma once

#include <optional>

#include "base/util/time_span.hpp"
#include "init/calendar/event.hpp"

namespace notifybridge::calendar {

/// Returns the event's first time after `after`, or nullopt if there is none. Both times are spans
/// since 1970 (UTC).
std::optional<util::TimeSpan> next_time(const Event& event, util::TimeSpan after);

}  // namespace notifybridge::calendar
