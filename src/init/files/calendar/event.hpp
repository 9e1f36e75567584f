#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Calendar events (systemd.time(7)): the times that OnCalendar= of a timer describes.
namespace notifybridge::calendar {

inline constexpr int first_year = 1970;
inline constexpr int last_year = 2199;
inline constexpr std::int64_t usec_per_second = 1'000'000;

/// One part of a field's list of values: "3", "3..9", "3/2" or "3..9/2".
struct Range {
    std::int64_t start = 0;
    /// The last value; unset if the range ends at the field's limit.
    std::optional<std::int64_t> stop = {};
    std::int64_t step = 0;  ///< 0 if `start` is the only value.

    auto operator<=>(const Range&) const = default;
};

/// The values of a field, sorted. An empty field means every value: "*".
using Field = std::vector<Range>;

/// The days of the week as bits. Bit 0 is Monday.
using Weekdays = std::uint8_t;
inline constexpr Weekdays all_weekdays = 0b111'1111;

struct Event {
    Weekdays weekdays = all_weekdays;
    Field year;
    Field month;
    Field day;
    Field hour;
    Field minute;
    Field second;                        ///< The values are in microseconds.
    bool counts_from_month_end = false;  ///< Whether day 1 is the last day of its month: "*-02~01".
    std::string zone;                    ///< "UTC" or "Europe/Berlin"; empty for local time.
    /// The name of standard time or summer time in the local zone, such as "CEST", if the text
    /// names it. The event occurs only while the zone has this time.
    std::string local_name;
    bool is_summer_time = false;  ///< Whether `local_name` is that of summer time.
};

/// Returns the event that `text` describes: "Mon..Fri 12:00", "weekly", "*-*~1 0/2:30:00 UTC".
/// Returns nullopt if `text` is not valid.
std::optional<Event> parse(std::string_view text);

/// Explains why `text` is not a valid event if the only reason is an unknown time zone. Returns an
/// empty text if the event is not valid for another reason.
std::string explain_unknown_zone(std::string_view text);

/// Returns the normalized text of an event, with all fields.
std::string to_string(const Event& event);

}  // namespace notifybridge::calendar
