#include "init/files/calendar/next_time.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace notifybridge::calendar {
namespace {

using std::chrono::January;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::int64_t usec_per_minute = 60 * usec_per_second;
constexpr std::int64_t usec_per_hour = 60 * usec_per_minute;

/// Returns the first value of `range` from `least` to `highest`, or nullopt if there is none.
std::optional<std::int64_t> first_of(const Range& range, std::int64_t least, std::int64_t highest) {
    std::int64_t value = range.start;
    if (value < least && range.step > 0)
        value += (least - value + range.step - 1) / range.step * range.step;
    return value >= least && value <= range.stop.value_or(highest) && value <= highest
               ? std::optional(value)
               : std::nullopt;
}

std::optional<std::int64_t> first_of(const Field& field, std::int64_t least, std::int64_t highest) {
    if (field.empty())
        return least <= highest ? std::optional(least) : std::nullopt;
    std::optional<std::int64_t> first;
    for (const Range& range : field)
        if (const auto value = first_of(range, least, highest); value && (!first || value < first))
            first = value;
    return first;
}

bool has_value(const Field& field, std::int64_t value) {
    return first_of(field, value, value) == value;
}

unsigned days_of(year_month_day date) {
    return static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day());
}

/// Returns whether `range` contains the day `number` of a month with `days` days. The range counts
/// days from the end of the month, and its step goes towards the end: "~07/1" is the last seven
/// days.
bool has_day_before_end(const Range& range, unsigned number, unsigned days) {
    const std::int64_t from_end = days - number + 1;
    const std::int64_t farthest = range.stop.value_or(range.start);
    const std::int64_t nearest = range.stop ? range.start : range.step > 0 ? 1 : range.start;
    if (from_end > farthest || from_end < nearest)
        return false;
    return range.step == 0 || (farthest - from_end) % range.step == 0;
}

bool has_day(const Event& event, year_month_day date) {
    const unsigned weekday = std::chrono::weekday(date).iso_encoding() - 1;
    if ((event.weekdays >> weekday & 1U) == 0)
        return false;
    const auto number = static_cast<unsigned>(date.day());
    if (!event.counts_from_month_end)
        return has_value(event.day, number);
    return std::ranges::any_of(event.day, [&](const Range& range) {
        return has_day_before_end(range, number, days_of(date));
    });
}

/// Returns the event's first time of day that is not before `from`, or nullopt if there is none.
/// Both times are in microseconds.
std::optional<std::int64_t> first_time_of_day(const Event& event, std::int64_t from) {
    for (std::int64_t hour = from / usec_per_hour;;) {
        const auto next_hour = first_of(event.hour, hour, 23);
        if (!next_hour)
            return std::nullopt;
        const std::int64_t in_hour = std::max<std::int64_t>(from - *next_hour * usec_per_hour, 0);
        for (std::int64_t minute = in_hour / usec_per_minute;;) {
            const auto next_minute = first_of(event.minute, minute, 59);
            if (!next_minute)
                break;
            const std::int64_t in_minute =
                std::max<std::int64_t>(in_hour - *next_minute * usec_per_minute, 0);
            if (const auto second = first_of(event.second, in_minute, usec_per_minute - 1))
                return *next_hour * usec_per_hour + *next_minute * usec_per_minute + *second;
            minute = *next_minute + 1;
        }
        hour = *next_hour + 1;
    }
}

constexpr std::int64_t usec_of(sys_days date) {
    return util::TimeSpan(date.time_since_epoch()).count();
}

/// A time that is later than all events, wherever on earth.
constexpr std::int64_t end_of_events = usec_of(year(last_year + 2) / January / 1);

/// Searches the times of an event on clocks that do not change. All times are in microseconds
/// since 1970, as these clocks show them.
class Search {
public:
    explicit Search(const Event& event) : event_(event) {}

    std::size_t steps() const { return steps_; }

    /// Returns the first time from `from` to before `end`.
    std::optional<std::int64_t> first_time(std::int64_t from, std::int64_t end) {
        ++steps_;
        end = std::min(end, usec_of(year(last_year + 1) / January / 1));
        const auto today =
            std::chrono::floor<std::chrono::days>(std::chrono::sys_time(util::TimeSpan(from)));
        for (auto date = first_day(today, end); date;
             date = first_day(*date + std::chrono::days(1), end)) {
            const std::int64_t time_of_day = *date == today ? from - usec_of(today) : 0;
            if (const auto time = first_time_of_day(event_, time_of_day)) {
                const std::int64_t found = usec_of(*date) + *time;
                return found < end ? std::optional(found) : std::nullopt;
            }
        }
        return std::nullopt;
    }

private:
    /// Returns the first day that is not before `from`, and begins before `end`.
    std::optional<sys_days> first_day(year_month_day from, std::int64_t end) {
        for (; usec_of(from) < end; ++steps_) {
            if (!has_value(event_.year, static_cast<int>(from.year())))
                from = (from.year() + std::chrono::years(1)) / January / 1;
            else if (!has_value(event_.month, static_cast<unsigned>(from.month())))
                from = (from.year() / from.month() + std::chrono::months(1)) / 1;
            else if (!has_day(event_, from))
                from = sys_days(from) + std::chrono::days(1);
            else
                return from;
        }
        return std::nullopt;
    }

    const Event& event_;
    std::size_t steps_ = 0;
};

}  // namespace

std::optional<util::TimeSpan> next_time(const Event& event, util::TimeSpan after, const Zone& zone,
                                        std::size_t* steps) {
    Search search(event);
    std::optional<util::TimeSpan> time;
    // What the clocks have already shown counts only once, if they go back.
    std::int64_t shown = std::numeric_limits<std::int64_t>::min();
    for (std::int64_t from = after.count() + 1; !time && from < end_of_events;) {
        const Zone::Period period = zone.period_at(from / usec_per_second);
        const std::int64_t end = period.end < end_of_events / usec_per_second
                                     ? period.end * usec_per_second
                                     : end_of_events;
        const std::int64_t offset = period.offset * usec_per_second;
        if (event.local_name.empty() || event.is_summer_time == period.is_summer_time) {
            if (const auto found = search.first_time(std::max(from + offset, shown), end + offset))
                time = util::TimeSpan(*found - offset);
            shown = std::max(shown, end + offset);
        }
        from = end;
    }
    if (steps)
        *steps += search.steps();
    return time;
}

}  // namespace notifybridge::calendar
