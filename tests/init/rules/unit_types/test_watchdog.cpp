#include "init/rules/unit_types/watchdog.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {
namespace {

constexpr system::Moment moment{5'000'000, 1'000'000};

}  // namespace

BOOST_AUTO_TEST_SUITE(watchdog)

BOOST_AUTO_TEST_CASE(a_ping_restarts_the_timeout_of_the_watchdog) {
    Watchdog watchdog;
    watchdog.configure(std::chrono::seconds(2));
    BOOST_TEST(watchdog.alarm().moment() == 0u);
    watchdog.ping(moment);
    BOOST_TEST(watchdog.alarm().moment() == 3'000'000u);
    BOOST_TEST(watchdog.last_ping().realtime == moment.realtime);
    watchdog.stop();
    BOOST_TEST(watchdog.alarm().moment() == 0u);
    BOOST_TEST(watchdog.last_ping().realtime == 0u);
}

BOOST_AUTO_TEST_CASE(zero_and_infinity_are_not_watchdog_timeouts) {
    for (const util::TimeSpan span : {util::TimeSpan::zero(), util::infinity}) {
        Watchdog watchdog;
        watchdog.configure(span);
        watchdog.ping(moment);
        BOOST_TEST(watchdog.alarm().moment() == 0u);
        BOOST_TEST(watchdog.last_ping().realtime == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_new_watchdog_span_applies_from_the_next_ping) {
    Watchdog watchdog;
    watchdog.configure(std::chrono::seconds(2));
    watchdog.ping(moment);
    watchdog.override_span(std::chrono::seconds(9));
    BOOST_TEST(watchdog.alarm().moment() == 3'000'000u);
    watchdog.ping(moment);
    BOOST_TEST(watchdog.alarm().moment() == 10'000'000u);
    watchdog.configure(std::chrono::seconds(1));
    BOOST_TEST((watchdog.span() == std::chrono::seconds(1)));
    BOOST_TEST(watchdog.alarm().moment() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
