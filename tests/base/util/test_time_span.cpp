#include "base/util/time_span.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <ostream>

namespace notifybridge::util::test_time_span {
namespace {

struct Span {
    const char* text;
    std::int64_t usec;

    friend std::ostream& operator<<(std::ostream& out, const Span& span) {
        return out << '"' << span.text << '"';
    }
};

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

// `systemd-analyze timespan` printed these values.
const Span spans[] = {
    {"0", 0},
    {"90", 90 * second},
    {"1min 30s", 90 * second},
    {"1min30s", 90 * second},
    {"  1min\t30 s \n", 90 * second},
    {"1 2", 3 * second},
    {"1.5", 1'500'000},
    {"1.5h", 90 * minute},
    {".5", 500'000},
    {"0.000001", 1},
    {"0.0000001", 0},
    {"0.1us", 0},
    {"+3.1s", 3'100'000},
    {"3.1s.2", 3'300'000},
    {"3.1 .2", 3'300'000},
    {"100ms", 100'000},
    {"100msec", 100'000},
    {"7us", 7},
    {"7usec", 7},
    {"7µs", 7},
    {"7μs", 7},
    {"1s", second},
    {"1sec", second},
    {"1second", second},
    {"2seconds", 2 * second},
    {"1m", minute},
    {"1min", minute},
    {"1minute", minute},
    {"2minutes", 2 * minute},
    {"1h", hour},
    {"1hr", hour},
    {"1hour", hour},
    {"2hours", 2 * hour},
    {"1d", day},
    {"1day", day},
    {"2days", 2 * day},
    {"1w", 7 * day},
    {"1week", 7 * day},
    {"2weeks", 14 * day},
    {"1M", 2'629'800 * second},
    {"1month", 2'629'800 * second},
    {"2months", 5'259'600 * second},
    {"1y", 31'557'600 * second},
    {"1year", 31'557'600 * second},
    {"2years", 63'115'200 * second},
    {"1y 2M 3w 4d 5h 6m 7s 8ms 9us", 31'557'600 * second + 5'259'600 * second + 25 * day + 5 * hour
                                         + 6 * minute + 7 * second + 8'009},
    {"292271y", 31'557'600 * second * 292'271},
    {"9223372036854775806us", INT64_MAX - 1},
};

const char* const no_spans[] = {
    "",
    " ",
    "abc",
    "s",
    ".",
    ".s",
    "5.",
    "5. s",
    "3.+1s",
    "3.-0s",
    "12.34.56",
    "12..34",
    "1:30",
    "1,5",
    "1e3",
    "0x10",
    "-1",
    "-0.3s",
    "1s -1s",
    "+-1",
    "+.5",
    "5 parsecs",
    "1xs",
    "inf",
    "Infinity",
    "infinity 1",
    "1 infinity",
    "18446744073709551615us",
    "9223372036854775808us",
    "99999999999999999999999",
    "292278y",
    "292271y 292271y",
};

const std::int64_t figures[] = {
    0, 1, 999, 1000, 1001, second, minute + 30 * second, hour - 1, day, 40 * day, INT64_MAX - 1,
};

}  // namespace

BOOST_AUTO_TEST_SUITE(time_span)

BOOST_DATA_TEST_CASE(a_time_span_is_read_as_systemd_reads_it, spans, span) {
    const auto parsed = parse_time_span(span.text);
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->count() == span.usec);
}

BOOST_DATA_TEST_CASE(invalid_time_spans_are_refused, no_spans, text) {
    BOOST_TEST(!parse_time_span(text).has_value());
}

BOOST_AUTO_TEST_CASE(infinity_is_a_time_span) {
    BOOST_TEST((parse_time_span("infinity") == infinity));
    BOOST_TEST((parse_time_span(" infinity ") == infinity));
}

BOOST_AUTO_TEST_CASE(a_too_large_sum_of_time_spans_is_infinity) {
    BOOST_TEST((sum(TimeSpan(1), TimeSpan(2)) == TimeSpan(3)));
    BOOST_TEST((sum(TimeSpan(1), infinity) == infinity));
    BOOST_TEST((sum(infinity, infinity) == infinity));
    BOOST_TEST((sum(infinity - TimeSpan(1), TimeSpan(1)) == infinity));
}

BOOST_AUTO_TEST_CASE(a_watchdog_span_is_a_number_of_microseconds) {
    for (const char* const text : {"20000000", " +20000000", "0x1312d00"})
        BOOST_TEST(parse_usec(text).value().count() == 20 * second, text);
    for (const char* const text : {"", "20s", "-1", "1 ", "1.5", "99999999999999999999"})
        BOOST_TEST(!parse_usec(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(a_number_above_the_longest_time_span_is_infinity) {
    BOOST_TEST((parse_usec("18446744073709551615") == infinity));
    BOOST_TEST((parse_usec("9223372036854775808") == infinity));
}

BOOST_AUTO_TEST_CASE(a_time_span_is_printed_with_units) {
    BOOST_TEST(to_string(TimeSpan(90 * second)) == "1min 30s");
    BOOST_TEST(to_string(TimeSpan(100'000)) == "100ms");
    BOOST_TEST(to_string(TimeSpan::zero()) == "0");
    BOOST_TEST(to_string(infinity) == "infinity");
}

BOOST_AUTO_TEST_CASE(the_accuracy_limits_the_fraction_of_a_printed_span) {
    const auto text = [](std::int64_t usec) {
        return to_decimal_string(TimeSpan(usec), TimeSpan(1000));
    };
    BOOST_TEST(text(0) == "0");
    BOOST_TEST(text(500) == "500us");
    BOOST_TEST(text(123'456) == "123ms");
    BOOST_TEST(text(1'000'400) == "1.000s");
    BOOST_TEST(text(61'023'456) == "1min 1.023s");
    BOOST_TEST(text(3600 * second) == "1h");
    BOOST_TEST(text(3600 * second + 400) == "1h");
    BOOST_TEST(to_decimal_string(TimeSpan(1'500'000)) == "1.500000s");
    BOOST_TEST(to_decimal_string(TimeSpan(1'500)) == "1.500ms");
}

BOOST_DATA_TEST_CASE(a_printed_time_span_parses_to_the_same_span, figures, usec) {
    const auto parsed = parse_time_span(to_string(TimeSpan(usec)));
    BOOST_REQUIRE(parsed.has_value());
    BOOST_TEST(parsed->count() == usec);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::util::test_time_span
