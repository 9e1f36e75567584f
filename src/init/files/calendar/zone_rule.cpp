#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <utility>

#include "init/files/calendar/event.hpp"
#include "init/files/calendar/zone.hpp"

namespace notifybridge::calendar {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;

constexpr std::int64_t seconds_per_hour = 3600;

/// A day of each year, and a time on this day, at which the clocks change.
struct YearlyChange {
    enum class Kind {
        weekday_of_month,  ///< "M3.5.0": the last Sunday of March. Week 5 is the last one.
        day_without_leap,  ///< "J60": March 1. Days count from 1, and never include February 29.
        day_from_zero,     ///< "59": February 29 or March 1. Days count from 0.
    };

    Kind kind = Kind::weekday_of_month;
    int month = 1;
    int week = 1;
    int day = 0;
    std::int64_t time = 2 * seconds_per_hour;  ///< Seconds since midnight, which may be negative.

    /// Returns the moment in this year in local time, in seconds since 1970.
    std::int64_t moment(year in) const {
        std::chrono::sys_days date = in / std::chrono::January / 1;
        if (kind == Kind::weekday_of_month) {
            const std::chrono::weekday weekday(static_cast<unsigned>(day));
            const auto this_month = in / std::chrono::month(static_cast<unsigned>(month));
            date = week == 5
                       ? std::chrono::sys_days(this_month / weekday[std::chrono::last])
                       : std::chrono::sys_days(this_month / weekday[static_cast<unsigned>(week)]);
        } else {
            constexpr int march_first = 60;
            const bool skips_leap_day =
                kind == Kind::day_without_leap && !(in.is_leap() && day >= march_first);
            date += std::chrono::days(skips_leap_day ? day - 1 : day);
        }
        return std::chrono::seconds(date.time_since_epoch()).count() + time;
    }
};

/// A reader of a rule. After a failure, `failed` stays true.
class RuleReader {
public:
    explicit RuleReader(std::string_view text) : rest_(text) {}

    bool failed() const { return failed_; }
    bool at_end() const { return rest_.empty(); }
    bool is_next(char letter) const { return rest_.starts_with(letter); }

    bool take(char letter) {
        if (!is_next(letter))
            return false;
        rest_.remove_prefix(1);
        return true;
    }
    void require(char letter) { failed_ = failed_ || !take(letter); }

    int number(int least, int most) {
        int value = 0;
        std::size_t digits = 0;
        for (; digits < std::min<std::size_t>(rest_.size(), 3) && is_digit(rest_[digits]); ++digits)
            value = value * 10 + (rest_[digits] - '0');
        rest_.remove_prefix(digits);
        failed_ = failed_ || digits == 0 || value < least || value > most;
        return failed_ ? least : value;
    }

    /// Reads "2", "-1:30" or "26:00:00", in seconds.
    std::int64_t time() {
        constexpr int most_hours = 167;
        const bool is_negative = take('-');
        if (!is_negative)
            take('+');
        std::int64_t time = number(0, most_hours) * seconds_per_hour;
        if (take(':'))
            time += number(0, 59) * 60;
        if (take(':'))
            time += number(0, 59);
        return is_negative ? -time : time;
    }

    /// Reads "CET" or "<+03>".
    std::string name() {
        const bool is_quoted = take('<');
        std::string name;
        while (!rest_.empty()
               && (is_letter(rest_.front())
                   || (is_quoted && (is_digit(rest_.front()) || is_next('+') || is_next('-'))))) {
            name += rest_.front();
            rest_.remove_prefix(1);
        }
        if (is_quoted)
            require('>');
        failed_ = failed_ || name.size() < 3;
        return name;
    }

    YearlyChange yearly_change() {
        YearlyChange change;
        if (take('M')) {
            change.month = number(1, 12);
            require('.');
            change.week = number(1, 5);
            require('.');
            change.day = number(0, 6);
        } else if (take('J')) {
            change.kind = YearlyChange::Kind::day_without_leap;
            change.day = number(1, 365);
        } else {
            change.kind = YearlyChange::Kind::day_from_zero;
            change.day = number(0, 365);
        }
        if (take('/'))
            change.time = time();
        return change;
    }

private:
    static bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
    static bool is_letter(char letter) {
        return std::isalpha(static_cast<unsigned char>(letter)) != 0;
    }

    std::string_view rest_;
    bool failed_ = false;
};

/// The parts of a rule. Without summer time, `summer.name` is empty.
struct Rule {
    LocalTime standard;
    LocalTime summer;
    YearlyChange to_summer;
    YearlyChange to_standard;
};

std::optional<Rule> read_rule(std::string_view text) {
    RuleReader reader(text);
    Rule rule;
    rule.standard.name = reader.name();
    rule.standard.offset = -reader.time();
    rule.summer = {rule.standard.offset + seconds_per_hour, true, {}};
    if (!reader.at_end() && !reader.failed()) {
        rule.summer.name = reader.name();
        if (!reader.at_end() && !reader.is_next(','))
            rule.summer.offset = -reader.time();
        // Without its own changes, a rule has those of the USA, as in glibc.
        if (reader.at_end())
            reader = RuleReader(reader.failed() ? "" : ",M3.2.0,M11.1.0");
        reader.require(',');
        rule.to_summer = reader.yearly_change();
        reader.require(',');
        rule.to_standard = reader.yearly_change();
    }
    return reader.failed() || !reader.at_end() ? std::nullopt : std::optional(rule);
}

}  // namespace

bool add_rule(Zone& zone, std::string_view text) {
    const auto rule = read_rule(text);
    if (!rule)
        return false;
    if (rule->summer.name.empty())
        return true;
    const std::size_t standard = zone.add_time(rule->standard);
    const std::size_t summer = zone.add_time(rule->summer);
    // The year 1970 begins with summer time in the south, which began in the year before.
    for (int number = first_year - 1; number <= last_year; ++number) {
        using Moment = std::pair<std::int64_t, std::size_t>;
        std::array moments = {
            Moment(rule->to_summer.moment(year(number)) - rule->standard.offset, summer),
            Moment(rule->to_standard.moment(year(number)) - rule->summer.offset, standard)};
        std::ranges::sort(moments);
        for (const auto& [moment, time] : moments)
            zone.add_change(moment, time);
    }
    return true;
}

std::optional<Zone> read_zone_rule(std::string_view text) {
    const auto rule = read_rule(text);
    if (!rule)
        return std::nullopt;
    Zone zone({rule->standard}, 0);
    add_rule(zone, text);
    return zone;
}

}  // namespace notifybridge::calendar
