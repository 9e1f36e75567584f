#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>

#include "base/util/literal.hpp"
#include "base/util/number.hpp"
#include "init/files/calendar/event.hpp"
#include "init/files/calendar/zones.hpp"

namespace notifybridge::calendar {
namespace {

/// systemd's limit for the ranges of one field.
constexpr std::size_t most_ranges = 240;
constexpr int longest_month = 31;
constexpr int shortest_month = 28;

struct Shorthand {
    util::Literal word;
    util::Literal meaning;
};

/// systemd's names for common events, including undocumented spellings.
constexpr auto shorthands = std::to_array<Shorthand>({
    {"minutely", "*-*-* *:*:00"},
    {"hourly", "*-*-* *:00:00"},
    {"daily", "*-*-* 00:00:00"},
    {"weekly", "Mon *-*-* 00:00:00"},
    {"monthly", "*-*-01 00:00:00"},
    {"quarterly", "*-01,04,07,10-01 00:00:00"},
    {"semiannually", "*-01,07-01 00:00:00"},
    {"semi-annually", "*-01,07-01 00:00:00"},
    {"biannually", "*-01,07-01 00:00:00"},
    {"bi-annually", "*-01,07-01 00:00:00"},
    {"yearly", "*-01-01 00:00:00"},
    {"annually", "*-01-01 00:00:00"},
    {"anually", "*-01-01 00:00:00"},
});

struct Weekday {
    util::Literal name;
    int number;
};

/// The long names come first, because each short name is the beginning of a long name.
constexpr auto weekday_names = std::to_array<Weekday>({
    {"monday", 0},
    {"tuesday", 1},
    {"wednesday", 2},
    {"thursday", 3},
    {"friday", 4},
    {"saturday", 5},
    {"sunday", 6},
    {"mon", 0},
    {"tue", 1},
    {"wed", 2},
    {"thu", 3},
    {"fri", 4},
    {"sat", 5},
    {"sun", 6},
});

bool equals_ignoring_case(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, [](unsigned char left, unsigned char right) {
        return std::tolower(left) == std::tolower(right);
    });
}

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

/// A reader that takes parts from the beginning of a text. After a failure, `failed` stays true.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool failed() const { return failed_; }
    void fail() { failed_ = true; }
    bool at_end() const { return rest_.empty(); }
    bool is_next(char letter) const { return rest_.starts_with(letter); }
    std::string_view rest() const { return rest_; }

    bool take(std::string_view token) {
        if (!rest_.starts_with(token))
            return false;
        rest_.remove_prefix(token.size());
        return true;
    }

    void skip(std::string_view letters) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(letters), rest_.size()));
    }

    std::string_view take_digits() {
        const auto end = std::ranges::find_if_not(rest_, is_digit);
        const std::string_view digits(rest_.begin(), end);
        rest_.remove_prefix(digits.size());
        return digits;
    }

    std::int64_t number() {
        constexpr std::int64_t highest = 1'000'000'000'000;
        const auto value = util::parse_number<std::int64_t>(take_digits());
        failed_ = failed_ || !value || *value > highest;
        return failed_ ? 0 : *value;
    }

    /// Reads seconds and an optional fraction. Returns microseconds. The seventh decimal decides
    /// whether to round up.
    std::int64_t seconds() {
        std::int64_t usec = number() * usec_per_second;
        if (rest_.size() < 2 || rest_[0] != '.' || !is_digit(rest_[1]))
            return usec;
        rest_.remove_prefix(1);
        const std::string_view digits = take_digits();
        std::int64_t unit = usec_per_second;
        for (const char digit : digits.substr(0, 6))
            usec += (digit - '0') * (unit /= 10);
        return usec + (digits.size() > 6 && digits[6] >= '5' ? 1 : 0);
    }

    std::optional<int> weekday() {
        for (const auto& [name, number] : weekday_names)
            if (equals_ignoring_case(rest_.substr(0, name.view().size()), name)) {
                rest_.remove_prefix(name.view().size());
                return number;
            }
        return std::nullopt;
    }

private:
    std::string_view rest_;
    bool failed_ = false;
};

enum class Scale { whole, microseconds };

Range read_range(Reader& reader, Scale scale) {
    const auto value = [&] {
        return scale == Scale::microseconds ? reader.seconds() : reader.number();
    };
    const std::int64_t unit = scale == Scale::microseconds ? usec_per_second : 1;
    Range range{value()};
    if (reader.take("..")) {
        range.stop = value();
        range.step = unit;
    }
    if (reader.take("/")) {
        range.step = value();
        if (range.step == 0)
            reader.fail();
    } else if (scale == Scale::microseconds && range.stop && range.start + unit > *range.stop) {
        reader.fail();
    }
    return range;
}

/// Sets `stop` to the last value that the step reaches. If this value equals the first value, makes
/// the range a single value.
void normalize(Range& range) {
    if (!range.stop)
        return;
    if (*range.stop > range.start)
        *range.stop -= (*range.stop - range.start) % range.step;
    if (*range.stop == range.start)
        range = {range.start};
}

Field read_field(Reader& reader, Scale scale) {
    if (reader.take("*"))
        return scale == Scale::microseconds ? Field{{0, std::nullopt, usec_per_second}} : Field();
    Field field;
    do {
        field.push_back(read_range(reader, scale));
        if (field.size() > most_ranges)
            reader.fail();
    } while (!reader.failed() && reader.take(","));
    std::ranges::for_each(field, normalize);
    std::ranges::sort(field);
    field.erase(std::unique(field.begin(), field.end()), field.end());
    return field;
}

/// Reads "Mon..Wed,Fri ". Consumes nothing if the text has no weekdays.
Weekdays read_weekdays(Reader& reader) {
    std::optional<int> day = reader.weekday();
    if (!day)
        return all_weekdays;
    Weekdays all = 0;
    for (; day; day = reader.weekday()) {
        int last = *day;
        if (reader.take("..") || reader.take("-")) {
            const auto stop = reader.weekday();
            if (!stop || *stop < *day)
                break;
            last = *stop;
        }
        for (int number = *day; number <= last; ++number)
            all = static_cast<Weekdays>(all | 1U << static_cast<unsigned>(number));
        if (reader.at_end())
            return all;
        if (!reader.is_next(' ') && !reader.is_next(','))
            break;
        const bool is_list = reader.is_next(',');
        reader.skip(" ,");
        if (!is_list)
            return all;
        if (reader.at_end())
            return all;
    }
    reader.fail();
    return all;
}

/// Reads a time as seconds since 1970: "@1395716396".
void read_timestamp(Reader& reader, Event& event) {
    const auto time = static_cast<std::time_t>(reader.number());
    std::tm date{};
    if (reader.failed() || !::gmtime_r(&time, &date) || !event.zone.empty())
        return reader.fail();
    event.year = {{date.tm_year + 1900}};
    event.month = {{date.tm_mon + 1}};
    event.day = {{date.tm_mday}};
    event.hour = {{date.tm_hour}};
    event.minute = {{date.tm_min}};
    event.second = {{date.tm_sec * usec_per_second}};
    event.zone = "UTC";
}

/// Reads the separator of two fields of a date.
void read_date_separator(Reader& reader, Event& event) {
    if (reader.take("~"))
        event.counts_from_month_end = true;
    else if (!reader.take("-"))
        reader.fail();
}

/// Reads "2026-11-25 ", "11-25 " or "11~01 ". If the text is a time, consumes nothing and returns
/// false.
bool read_date(Reader& reader, Event& event) {
    const Reader before = reader;
    Field first = read_field(reader, Scale::whole);
    if (!reader.failed() && (reader.at_end() || reader.is_next(':'))) {
        reader = before;
        return false;
    }
    read_date_separator(reader, event);
    Field second = read_field(reader, Scale::whole);
    if (reader.at_end() || reader.is_next(' ')) {
        event.month = std::move(first);
        event.day = std::move(second);
    } else {
        if (event.counts_from_month_end)
            reader.fail();
        read_date_separator(reader, event);
        event.year = std::move(first);
        event.month = std::move(second);
        event.day = read_field(reader, Scale::whole);
    }
    if (!reader.at_end() && !reader.is_next(' '))
        reader.fail();
    reader.skip(" ");
    // If every day matches, counting from the end of the month has no effect.
    event.counts_from_month_end = event.counts_from_month_end && !event.day.empty();
    return true;
}

/// Reads "12:30" or "12:30:05.5". An empty text means midnight.
void read_time(Reader& reader, Event& event) {
    event.second = {{0}};
    if (reader.at_end()) {
        event.hour = {{0}};
        event.minute = {{0}};
        return;
    }
    event.hour = read_field(reader, Scale::whole);
    if (!reader.take(":"))
        return reader.fail();
    event.minute = read_field(reader, Scale::whole);
    if (reader.take(":"))
        event.second = read_field(reader, Scale::microseconds);
    if (!reader.at_end())
        reader.fail();
}

/// Returns whether `word` can be the short name of a local time, such as "CEST" or "+03".
bool is_local_name(std::string_view word) {
    return std::ranges::all_of(word, [](unsigned char letter) {
        return std::isalnum(letter) != 0 || letter == '+' || letter == '-';
    });
}

/// Takes the name of standard time or summer time in the local zone.
bool take_local_name(std::string_view word, Event& event) {
    if (!is_local_name(word))
        return false;
    Zones zones;
    const Zone& zone = zones.find("");
    for (const bool is_summer_time : {false, true})
        if (const std::string& name = zone.name(is_summer_time); equals_ignoring_case(word, name)) {
            event.local_name = name;
            event.is_summer_time = is_summer_time;
            return true;
        }
    return false;
}

/// Moves a time zone from the end of `text` to `event`. Changes nothing if `text` has no known
/// zone.
void take_zone(std::string_view& text, Event& event) {
    const std::size_t blank = text.rfind(' ');
    if (blank == text.npos || blank == 0)
        return;
    const std::string_view word = text.substr(blank + 1);
    if (equals_ignoring_case(word, "UTC"))
        event.zone = "UTC";
    else if (!take_local_name(word, event)) {
        if (!zone_exists(word))
            return;
        event.zone = word;
    }
    text = text.substr(0, blank);
}

/// Adds the century to a year of two digits, as in "99-12-31" and "26-1-1".
void complete_year(std::int64_t& year) {
    constexpr int first_of_last_century = 70;
    if (year < first_of_last_century)
        year += 2000;
    else if (year < 100)
        year += 1900;
}

bool is_within(const Field& field, std::int64_t from, std::int64_t to) {
    return std::ranges::all_of(field, [&](const Range& range) {
        return range.start >= from && range.start <= to && range.step <= to - from
               && (range.stop ? *range.stop >= range.start + range.step && *range.stop <= to
                              : range.start + range.step <= to);
    });
}

/// Checks days that count from the end of the month. A range without a last value counts down to 1,
/// which is the last day of the month.
bool is_within_month_end(const Field& days) {
    return std::ranges::all_of(days, [](const Range& range) {
        return range.start >= 1 && range.start <= shortest_month && range.step <= shortest_month - 1
               && (range.stop
                       ? *range.stop >= range.start + range.step && *range.stop <= shortest_month
                       : range.start - range.step >= 1 || range.step == 0);
    });
}

bool is_valid(const Event& event) {
    return is_within(event.year, first_year, last_year) && is_within(event.month, 1, 12)
           && (event.counts_from_month_end ? is_within_month_end(event.day)
                                           : is_within(event.day, 1, longest_month))
           && is_within(event.hour, 0, 23) && is_within(event.minute, 0, 59)
           && is_within(event.second, 0, 60 * usec_per_second - 1);
}

}  // namespace

std::optional<Event> parse(std::string_view text) {
    Event event;
    take_zone(text, event);
    if (text.empty())
        return std::nullopt;
    for (const auto& [word, meaning] : shorthands)
        if (equals_ignoring_case(text, word))
            text = meaning;
    Reader reader(text);
    event.weekdays = read_weekdays(reader);
    if (reader.take("@")) {
        read_timestamp(reader, event);
        if (!reader.at_end())
            reader.fail();
    } else {
        if (!reader.at_end())
            read_date(reader, event);
        read_time(reader, event);
    }
    for (Range& range : event.year) {
        complete_year(range.start);
        if (range.stop)
            complete_year(*range.stop);
    }
    if (reader.failed() || !is_valid(event))
        return std::nullopt;
    return event;
}

}  // namespace notifybridge::calendar
