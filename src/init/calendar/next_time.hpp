#pragma once

#include <optional>

#include "base/util/time_span.hpp"
#include "init/calendar/event.hpp"

namespace notifybridge::calendar {

/// Returns the first time after `after` that the event names, both since 1970. Returns nullopt if
/// it never comes.
std::optional<util::TimeSpan> next_time(const Event& event, util::TimeSpan after);

}  // namespace notifybridge::calendar
