#pragma once

#include <cstddef>
#include <optional>

#include "base/util/time_span.hpp"
#include "init/files/calendar/event.hpp"
#include "init/files/calendar/zone.hpp"

namespace notifybridge::calendar {

/// Returns the event's first time after `after`, or nullopt if there is none. Both times are spans
/// since 1970 (UTC). `zone` is the zone that the event names, or else local time. If the clocks
/// show an hour twice, the event occurs only in the first one. Adds the days, months and changes of
/// the clocks that it examined to `steps`, for tests of the cost.
std::optional<util::TimeSpan> next_time(const Event& event, util::TimeSpan after, const Zone& zone,
                                        std::size_t* steps = nullptr);

}  // namespace notifybridge::calendar
