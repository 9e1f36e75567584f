#pragma once

#include <optional>

#include "base/util/time_span.hpp"
#include "init/calendar/event.hpp"

namespace notifybridge::calendar {

/// Returns the event's first time after `after`, or nullopt if there is none. Both times count from
/// 1970.
std::optional<util::TimeSpan> next_time(const Event& event, util::TimeSpan after);

}  // namespace notifybridge::calendar
