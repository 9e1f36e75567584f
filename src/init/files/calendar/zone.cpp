#include "init/files/calendar/zone.hpp"

#include <algorithm>
#include <utility>

namespace notifybridge::calendar {

Zone::Zone(std::vector<LocalTime> times, std::size_t first)
    : times_(std::move(times)), changes_{{std::numeric_limits<std::int64_t>::min(), first}} {}

std::size_t Zone::add_time(LocalTime time) {
    times_.push_back(std::move(time));
    return times_.size() - 1;
}

void Zone::add_change(std::int64_t moment, std::size_t time) {
    if (moment == last_change())
        changes_.back().time = time;
    else if (moment > last_change())
        changes_.push_back({moment, time});
}

Zone::Period Zone::period_at(std::int64_t moment) const {
    const auto next = std::ranges::upper_bound(changes_, moment, {}, &Change::moment);
    const Change& current = next == changes_.begin() ? *next : next[-1];
    const LocalTime& time = times_[current.time];
    return {current.moment, next == changes_.end() ? end_of_time : next->moment, time.offset,
            time.is_summer_time};
}

const std::string& Zone::name(bool of_summer_time) const {
    for (auto change = changes_.rbegin(); change != changes_.rend(); ++change)
        if (times_[change->time].is_summer_time == of_summer_time)
            return times_[change->time].name;
    return times_[changes_.back().time].name;
}

}  // namespace notifybridge::calendar
