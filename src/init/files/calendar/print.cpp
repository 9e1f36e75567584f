#include <array>
#include <cstdio>

#include "base/util/concat.hpp"
#include "init/files/calendar/event.hpp"

namespace notifybridge::calendar {
namespace {

using util::concat;

constexpr auto short_names =
    std::to_array<std::string_view>({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"});

bool has_weekday(Weekdays weekdays, std::size_t number) {
    return (weekdays >> number & 1U) != 0;
}

/// Returns the days as text. Three or more consecutive days become a range: "Mon..Wed,Sat,Sun".
std::string weekdays_text(Weekdays weekdays) {
    std::string text;
    for (std::size_t first = 0; first < short_names.size(); ++first) {
        if (!has_weekday(weekdays, first))
            continue;
        std::size_t last = first;
        while (last + 1 < short_names.size() && has_weekday(weekdays, last + 1))
            ++last;
        text += concat(text.empty() ? "" : ",", short_names[first]);
        if (last > first)
            text += concat(last > first + 1 ? ".." : ",", short_names[last]);
        first = last;
    }
    return text;
}

/// The format of a field.
struct Form {
    int width = 2;
    std::int64_t unit = 1;  ///< A million if the values are microseconds.
};

std::string text_of(std::int64_t value, Form form, int width) {
    std::array<char, 32> text;
    int size = std::snprintf(text.data(), text.size(), "%0*lld", width,
                             static_cast<long long>(value / form.unit));
    if (value % form.unit != 0)
        size += std::snprintf(text.data() + size, text.size() - static_cast<std::size_t>(size),
                              ".%06lld", static_cast<long long>(value % form.unit));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string text_of(const Field& field, Form form) {
    const Field every_second = {{0, std::nullopt, form.unit}};
    if (field.empty() || (form.unit > 1 && field == every_second))
        return "*";
    std::string text;
    for (const Range& range : field) {
        text += concat(text.empty() ? "" : ",", text_of(range.start, form, form.width));
        if (range.stop)
            text += concat("..", text_of(*range.stop, form, form.width));
        if (range.step > 0 && !(range.stop && range.step == form.unit))
            text += concat('/', text_of(range.step, form, 1));
    }
    return text;
}

}  // namespace

std::string to_string(const Event& event) {
    const std::string weekdays =
        event.weekdays == all_weekdays ? "" : concat(weekdays_text(event.weekdays), ' ');
    const std::string& zone = event.local_name.empty() ? event.zone : event.local_name;
    return concat(weekdays, text_of(event.year, {.width = 4}), '-', text_of(event.month, {}),
                  event.counts_from_month_end ? '~' : '-', text_of(event.day, {}), ' ',
                  text_of(event.hour, {}), ':', text_of(event.minute, {}), ':',
                  text_of(event.second, {.unit = usec_per_second}), zone.empty() ? "" : " ", zone);
}

}  // namespace notifybridge::calendar
