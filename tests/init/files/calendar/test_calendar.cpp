#include <stdlib.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "init/files/calendar/event.hpp"
#include "init/files/calendar/next_time.hpp"
#include "init/files/calendar/zones.hpp"

namespace notifybridge::calendar {
namespace {

using namespace std::chrono_literals;
using util::TimeSpan;

/// This is Sunday, October 25, 2026, 00:00 UTC. In Berlin, summer time ends an hour later.
constexpr std::chrono::seconds base(1'792'886'400);

/// An event, and the output of `systemd-analyze calendar` for it (systemd 252, zone UTC).
struct Sample {
    const char* text;
    const char* normalized;
    long long next;  ///< The next time in seconds; 0 if there is none.
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) {
    return out << sample.text;
}

constexpr Sample samples[] = {
    {"minutely", "*-*-* *:*:00", 1792886460},
    {"hourly", "*-*-* *:00:00", 1792890000},
    {"daily", "*-*-* 00:00:00", 1792972800},
    {"weekly", "Mon *-*-* 00:00:00", 1792972800},
    {"monthly", "*-*-01 00:00:00", 1793491200},
    {"quarterly", "*-01,04,07,10-01 00:00:00", 1798761600},
    {"semiannually", "*-01,07-01 00:00:00", 1798761600},
    {"yearly", "*-01-01 00:00:00", 1798761600},
    {"anually", "*-01-01 00:00:00", 1798761600},
    {"Thu,Fri 2027-*-1,5 11:12:13", "Thu,Fri 2027-*-01,05 11:12:13", 1798801933},
    {"Mon,Sun 12-*-* 2,1:23", "Mon,Sun 2012-*-* 01,02:23:00", 0},
    {"Sat,Thu,Mon..Wed,Sat..Sun", "Mon..Thu,Sat,Sun *-*-* 00:00:00", 1792972800},
    {"Mon-Fri", "Mon..Fri *-*-* 00:00:00", 1792972800},
    {"Mon,", "Mon *-*-* 00:00:00", 1792972800},
    {"Wed..Sat,Tue 12-10-15 1:2:3", "Tue..Sat 2012-10-15 01:02:03", 0},
    {"*-*-7 0:0:0", "*-*-07 00:00:00", 1794009600},
    {"10-15", "*-10-15 00:00:00", 1823558400},
    {"monday *-12-* 17:00", "Mon *-12-* 17:00:00", 1796662800},
    {"12,14,13,12:20,10,30", "*-*-* 12,13,14:10,20,30:00", 1792930200},
    {"1..3/5:0", "*-*-* 01:00:00", 1792890000},
    {"1,1,3..3,2:00", "*-*-* 01,02,03:00:00", 1792890000},
    {"08:05:40 UTC", "*-*-* 08:05:40 UTC", 1792915540},
    {"daily Europe/Berlin", "*-*-* 00:00:00 Europe/Berlin", 1792969200},
    {"05:40:23.4200004/3.1700005", "*-*-* 05:40:23.420000/3.170001", 1792906823},
    {"*:*:0/1", "*-*-* *:*:*", 1792886401},
    {"*:*:0/1.5", "*-*-* *:*:00/1.500000", 1792886401},
    {"*-*-* *:*:0.1234567", "*-*-* *:*:00.123457", 1792886400},
    {"*-*~1..3", "*-*~01..03 00:00:00", 1793232000},
    {"*-02~03", "*-02~03 00:00:00", 1803600000},
    {"*-05~07/1", "*-05~07/1 00:00:00", 1811203200},
    {"*-*~28/2", "*-*~28/2 00:00:00", 1792972800},
    {"*-*~*", "*-*-* 00:00:00", 1792972800},
    {"*-2-29", "*-02-29 00:00:00", 1835395200},
    {"2024-02-30", "2024-02-30 00:00:00", 0},
    {"99-1-1", "1999-01-01 00:00:00", 0},
    {"@1893456000", "2030-01-01 00:00:00 UTC", 1893456000},
    {"Mon *-05~07/1", "Mon *-05~07/1 00:00:00", 1811721600},
};

/// Returns the next time in the zone of the event.
std::optional<TimeSpan> next_time(const Event& event, TimeSpan after,
                                  std::size_t* steps = nullptr) {
    Zones zones;
    return calendar::next_time(event, after, zones.find(event.zone), steps);
}

/// Returns the next times after `after`, in seconds.
std::vector<long long> times(const char* text, TimeSpan after, std::size_t count) {
    const auto event = parse(text);
    BOOST_TEST_REQUIRE(event.has_value());
    std::vector<long long> all;
    for (std::optional<TimeSpan> time = after; all.size() < count;) {
        time = next_time(*event, *time);
        if (!time)
            break;
        all.push_back(std::chrono::floor<std::chrono::seconds>(*time).count());
    }
    return all;
}

/// Sets the local time zone to UTC, which tests may change. The destructor restores the default.
struct LocalZone {
    LocalZone() { set("UTC"); }
    ~LocalZone() { ::unsetenv("TZ"); }
    static void set(const char* zone) { ::setenv("TZ", zone, 1); }
};

/// Returns the times that are `hours` later than `base`.
std::vector<long long> hours_later(std::initializer_list<double> hours) {
    std::vector<long long> all;
    for (const double hour : hours)
        all.push_back(base.count() + static_cast<long long>(hour * 3600));
    return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(calendar_events, LocalZone)

BOOST_DATA_TEST_CASE(the_normalized_form_and_the_next_time_match_systemd,
                     boost::unit_test::data::make(samples), sample) {
    const auto event = parse(sample.text);
    BOOST_TEST_REQUIRE(event.has_value());
    BOOST_TEST(to_string(*event) == sample.normalized);
    const auto time = next_time(*event, base);
    BOOST_TEST((time ? std::chrono::floor<std::chrono::seconds>(*time).count() : 0) == sample.next);
    // The normalized form describes the same event.
    const auto again = parse(to_string(*event));
    BOOST_TEST_REQUIRE(again.has_value());
    BOOST_TEST(to_string(*again) == sample.normalized);
    BOOST_TEST((next_time(*again, base) == time));
}

BOOST_DATA_TEST_CASE(an_invalid_calendar_event_is_refused,
                     boost::unit_test::data::make({"",
                                                   " daily",
                                                   "daily ",
                                                   "UTC",
                                                   "*",
                                                   "10",
                                                   "10:",
                                                   "Mon..",
                                                   "Sat..Mon",
                                                   "mondays",
                                                   ",Mon",
                                                   "Wed,17:48",
                                                   "Wed 17:48,",
                                                   "2012",
                                                   "24:00",
                                                   "10:60",
                                                   "10:0:60",
                                                   "5..3:00",
                                                   "0/100:00",
                                                   "10:00:1/0",
                                                   "10:00:0..0.5",
                                                   "*-*~31",
                                                   "*-*-32",
                                                   "*-13-1",
                                                   "2200-1-1",
                                                   "*-*~3..1",
                                                   "@1.5",
                                                   "@",
                                                   "daily No/Where",
                                                   "daily ../../etc/passwd",
                                                   "1:2:3:4",
                                                   "99999999999999999999:00"}),
                     text) {
    BOOST_TEST(!parse(text).has_value());
}

BOOST_AUTO_TEST_CASE(an_unknown_time_zone_is_explained) {
    for (const std::string zone : {"Mars/Phobos", "mars/phobos", "XYZ", "Etc/GMT+99"}) {
        BOOST_TEST(!parse("daily " + zone));
        BOOST_TEST(explain_unknown_zone("daily " + zone).starts_with("the time zone \"" + zone));
    }
    for (const char* const other :
         {"", "Mars/Phobos", "often Mars/Phobos", "daily noon", "Mon Tue", "often UTC",
          "daily /Mars", "12:00 2026-11-25", "12:00 PM", "2026-11-25 Noon"})
        BOOST_TEST(explain_unknown_zone(other) == "", other);
}

BOOST_AUTO_TEST_CASE(a_list_in_a_calendar_event_may_have_240_parts) {
    std::string list = "0";
    for (int count = 1; count < 240; ++count)
        list += ",0";
    BOOST_TEST(parse(list + ":00").has_value());
    BOOST_TEST(!parse(list + ",0:00").has_value());
}

BOOST_AUTO_TEST_CASE(a_calendar_event_supports_fractions_of_seconds) {
    const auto event = parse("*:*:0/1.5");
    BOOST_TEST_REQUIRE(event.has_value());
    BOOST_TEST((next_time(*event, base) == base + 1500ms));
    BOOST_TEST((next_time(*event, base + 1499ms) == base + 1500ms));
    BOOST_TEST((next_time(*event, base + 1500ms) == base + 3s));
}

BOOST_AUTO_TEST_CASE(the_hour_that_summer_time_skips_has_no_events) {
    // In Berlin, the clocks go from 02:00 to 03:00 on March 29, 2026, at 01:00 UTC.
    constexpr std::chrono::seconds evening(1'774'738'800);  // 00:00 in Berlin.
    const long long day = 24 * 3600;
    const std::vector<long long> daily = {evening.count() + day + 3600 / 2 + 3600,
                                          evening.count() + 2 * day + 3600 / 2 + 3600};
    BOOST_TEST(times("02:30 Europe/Berlin", evening, 2) == daily, boost::test_tools::per_element());
    const std::vector<long long> half_hours = {evening.count() + 1800, evening.count() + 5400,
                                               evening.count() + 9000};
    BOOST_TEST(times("*:30 Europe/Berlin", evening, 3) == half_hours,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_hour_that_summer_time_repeats_has_each_event_once) {
    // In Berlin, the clocks show 02:30 at 00:30 and at 01:30 UTC.
    BOOST_TEST(times("02:30 Europe/Berlin", base, 2) == hours_later({0.5, 25.5}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_names_of_the_local_zone_select_standard_or_summer_time) {
    set("Europe/Berlin");
    BOOST_TEST(to_string(*parse("daily CEST")) == "*-*-* 00:00:00 CEST");
    BOOST_TEST(times("02:30 CEST", base, 1) == hours_later({0.5}),
               boost::test_tools::per_element());
    BOOST_TEST(times("02:30 CET", base, 1) == hours_later({1.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_earlier_local_time_does_not_change_the_names_of_the_local_zone) {
    set("Asia/Tokyo");
    ::tzset();
    const std::time_t now = base.count();
    std::tm local{};
    ::localtime_r(&now, &local);
    // Japan had summer time until 1951. localtime_r(3) hides its name in the variable tzname.
    BOOST_TEST(parse("daily JDT").has_value());
    BOOST_TEST(parse("daily jst").value().local_name == "JST");
    BOOST_TEST(!parse("daily CEST").has_value());
}

BOOST_AUTO_TEST_CASE(an_event_that_never_occurs_needs_few_steps) {
    constexpr std::size_t days_to_last_year = 84'500;
    const auto steps_of = [](const char* zone, const char* text) {
        set(zone);
        std::size_t steps = 0;
        const auto event = parse(text);
        BOOST_TEST((event && !next_time(*event, base, &steps)), text);
        return steps;
    };
    const auto begin = std::chrono::steady_clock::now();
    BOOST_TEST(steps_of("Europe/Berlin", "*-11,12,01,02-* *:* CEST") < 4'000u);
    BOOST_TEST(steps_of("Europe/Berlin", "*-07-* *:*:0/0.000001 CET") < 4'000u);
    BOOST_TEST(steps_of("Asia/Tokyo", "*:* JDT") < 10u);
    for (const char* const text : {"*-02-30 *:*:0/0.000001", "*-2,4,6,9,11-31", "Mon 2028-02-30",
                                   "1970-1-1", "2199-2-29 *:*:*"})
        BOOST_TEST(steps_of("Europe/Berlin", text) < days_to_last_year);
    BOOST_TEST((std::chrono::steady_clock::now() - begin < 10s));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::calendar
