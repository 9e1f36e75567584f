#include <stdlib.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <ctime>
#include <random>
#include <string>

#include "base/system/file.hpp"
#include "init/files/calendar/event.hpp"
#include "init/files/calendar/next_time.hpp"
#include "init/files/calendar/zones.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::calendar {
namespace {

constexpr std::int64_t end_of_last_year = 7'258'118'400;  ///< 2200-01-01 00:00 UTC.

/// Names of files, and rules. The clocks of some zones changed in unusual ways: by half an hour, by
/// a day, in each month of Ramadan, or to summer time in winter.
constexpr const char* zone_names[] = {
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/Moscow",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Caracas",
    "America/Havana",
    "Africa/Casablanca",
    "Asia/Tokyo",
    "Asia/Kolkata",
    "Asia/Gaza",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Antarctica/Troll",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Pacific/Chatham",
    ":America/Scoresbysund",
    "",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1",
    "NZST-12:00:00NZDT-13:00:00,M10.1.0,M3.3.0",
    "AAA+1BBB,J60/0,J300/26:30:15",
    "AAA+1BBB2,59,300",
    "EST5",
    "Nowhere",
};

/// Sets the local time zone. The destructor restores the default.
struct ZoneVariable {
    explicit ZoneVariable(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    ~ZoneVariable() { ::unsetenv("TZ"); }

    static std::tm local(std::time_t time) {
        std::tm local{};
        ::localtime_r(&time, &local);
        return local;
    }
};

std::string file_of(const char* zone) {
    return system::text_of(std::string("/usr/share/zoneinfo/") + zone);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(zones)

BOOST_DATA_TEST_CASE(a_zone_has_the_local_time_of_the_c_library,
                     boost::unit_test::data::make(zone_names), name) {
    const ZoneVariable variable(name);
    Zones zones;
    const Zone& zone = zones.find("");
    BOOST_TEST(zone.name(false) == (std::string(name) == "Nowhere" ? "UTC" : tzname[0]));
    BOOST_TEST(zone.name(true) == (std::string(name) == "Nowhere" ? "UTC" : tzname[1]));
    std::mt19937_64 random(1);
    std::uniform_int_distribution<std::int64_t> moments(0, end_of_last_year - 1);
    for (int count = 0; count < 2000; ++count) {
        const std::int64_t moment = moments(random);
        const auto period = zone.period_at(moment);
        BOOST_TEST_REQUIRE((period.begin <= moment && moment < period.end));
        // The library has to agree at a random moment, and at both ends of the period.
        for (const std::int64_t each : {moment, std::max<std::int64_t>(period.begin, 0),
                                        std::min(period.end, end_of_last_year) - 1}) {
            const std::tm local = ZoneVariable::local(each);
            BOOST_TEST_REQUIRE(period.offset == local.tm_gmtoff, name << " at " << each);
            BOOST_TEST_REQUIRE(period.is_summer_time == (local.tm_isdst > 0),
                               name << " at " << each);
        }
    }
}

/// Compares with a search that looks at each minute, in the days around the ends of summer time.
BOOST_AUTO_TEST_CASE(a_name_of_local_time_selects_the_same_minute_as_a_plain_search) {
    std::mt19937 random(1);
    const auto number = [&](int least, int most) {
        return std::uniform_int_distribution<int>(least, most)(random);
    };
    for (const char* const name :
         {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"}) {
        const ZoneVariable variable(name);
        Zones zones;
        const Zone& zone = zones.find("");
        for (int count = 0; count < 100; ++count) {
            std::int64_t change = zone.period_at(1'790'000'000 + number(0, 100'000'000)).end;
            const std::int64_t begin = change - number(0, 3) * 3600 - number(0, 3600);
            const bool is_summer_time = number(0, 1) == 1;
            const int hour = number(0, 4);
            const int minute = number(0, 59);
            const std::string text = std::to_string(hour) + ":" + std::to_string(minute) + " "
                                     + zone.name(is_summer_time);
            const auto event = parse(text);
            BOOST_TEST_REQUIRE(event.has_value(), text);
            std::int64_t expected = begin / 60 * 60 + 60;
            constexpr int minutes = 4 * 24 * 60;
            for (int looks = 0; looks < minutes; ++looks, expected += 60) {
                const std::tm local = ZoneVariable::local(expected);
                if (local.tm_hour == hour && local.tm_min == minute
                    && (local.tm_isdst > 0) == is_summer_time)
                    break;
            }
            const auto found = next_time(*event, std::chrono::seconds(begin), zone);
            const std::int64_t end = begin / 60 * 60 + 60 + minutes * 60;
            const std::int64_t seconds =
                found ? std::chrono::floor<std::chrono::seconds>(*found).count() : end;
            BOOST_TEST(std::min(seconds, end) == expected,
                       text << " in " << name << " after " << begin);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_file_of_a_zone_is_not_read_beyond_its_end) {
    const std::string content = file_of("Europe/Berlin");
    BOOST_TEST_REQUIRE(read_zone_file(content).has_value());
    for (std::size_t size = 0; size < content.size(); ++size)
        static_cast<void>(read_zone_file(content.substr(0, size)));
    BOOST_TEST(!read_zone_file(content.substr(0, content.size() / 2)));
    BOOST_TEST(!read_zone_file("TZif"));
    std::mt19937 random(1);
    for (int count = 0; count < 5000; ++count) {
        std::string damaged = content;
        for (int bytes = 0; bytes < 3; ++bytes)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        static_cast<void>(read_zone_file(damaged));
    }
}

BOOST_DATA_TEST_CASE(a_rule_that_is_not_valid_is_refused,
                     boost::unit_test::data::make({"", "UTC", "AB3", "<AB3", "CET-1CEST,M3.5.0",
                                                   "CET-1CEST,M13.5.0,M10.5.0",
                                                   "CET-1CEST,M3.6.0,M1.1.1", "CET-1CEST,J0,J5",
                                                   "CET-1CEST,366,5", "CET-168",
                                                   "CET-1CEST,M3.5.0,M10.5.0x", "CET-1C"}),
                     text) {
    BOOST_TEST(!read_zone_rule(text).has_value());
}

BOOST_AUTO_TEST_CASE(a_zone_is_read_again_when_its_file_changes) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path("zone");
    directory.write("zone", file_of("Europe/Berlin"));
    Zones zones;
    BOOST_TEST(zones.find(path).name(true) == "CEST");
    directory.write("new", file_of("America/New_York"));
    std::filesystem::rename(directory.path("new"), path);
    BOOST_TEST(zones.find(path).name(true) == "EDT");
    std::filesystem::remove(path);
    BOOST_TEST(zones.find(path).name(true) == "UTC");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::calendar
