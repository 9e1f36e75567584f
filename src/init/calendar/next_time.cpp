#include "init/calendar/next_time.hpp"

#include <algorithm>
#include <chrono>

#include "init/calendar/zone.hpp"

namespace notifybridge::calendar {
namespace {

using std::chrono::day;
using std::chrono::month;
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

/// Returns the event's first day that is not before `from`. Returns nullopt if there is none.
std::optional<year_month_day> first_day(const Event& event, year_month_day from) {
    while (static_cast<int>(from.year()) <= last_year) {
        if (!has_value(event.year, static_cast<int>(from.year())))
            from = (from.year() + std::chrono::years(1)) / month(1) / day(1);
        else if (!has_value(event.month, static_cast<unsigned>(from.month())))
            from = (from.year() / from.month() + std::chrono::months(1)) / day(1);
        else if (!has_day(event, from))
            from = std::chrono::sys_days(from) + std::chrono::days(1);
        else
            return from;
    }
    return std::nullopt;
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

std::tm clock_of(year_month_day date, std::int64_t time_of_day) {
    std::tm clock{};
    clock.tm_year = static_cast<int>(date.year()) - 1900;
    clock.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
    clock.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
    clock.tm_hour = static_cast<int>(time_of_day / usec_per_hour);
    clock.tm_min = static_cast<int>(time_of_day / usec_per_minute % 60);
    clock.tm_sec = static_cast<int>(time_of_day / usec_per_second % 60);
    return clock;
}

}  // namespace

std::optional<util::TimeSpan> next_time(const Event& event, util::TimeSpan after) {
    const ZoneScope zone(event.zone);
    const std::int64_t from = after.count() + 1;
    const std::tm start = zone.local(from / usec_per_second);
    std::int64_t time_of_day = start.tm_hour * usec_per_hour + start.tm_min * usec_per_minute
                               + start.tm_sec * usec_per_second + from % usec_per_second;
    const auto today = year(start.tm_year + 1900) / month(static_cast<unsigned>(start.tm_mon) + 1)
                       / day(static_cast<unsigned>(start.tm_mday));
    for (auto date = first_day(event, today); date;) {
        if (*date != today)
            time_of_day = 0;
        while (const auto found = first_time_of_day(event, time_of_day)) {
            const util::TimeSpan fraction(*found % usec_per_second);
            const auto before = std::chrono::floor<std::chrono::seconds>(after - fraction);
            if (const auto time =
                    zone.time_of(clock_of(*date, *found), before.count(), event.is_summer_time))
                return std::chrono::seconds(*time) + fraction;
            // The clocks skip this time, or `is_summer_time` excludes it. Clocks change at a whole
            // minute, so continue with the next minute.
            time_of_day = (*found / usec_per_minute + 1) * usec_per_minute;
        }
        date = first_day(event, std::chrono::sys_days(*date) + std::chrono::days(1));
    }
    return std::nullopt;
}

}  // namespace notifybridge::calendar
