#include "bridge/probe/schedule.hpp"

#include <boost/test/unit_test.hpp>

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

/// Returns the time from the start until we notice that a program is ready. The program becomes
/// ready after `up`, and each check lasts `check`.
std::chrono::microseconds seen(std::chrono::microseconds up, std::chrono::microseconds check) {
    std::chrono::microseconds now{};
    while (now < up)
        now += check + pause_after(now + check, check, 1s);
    return now + check;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schedule)

BOOST_AUTO_TEST_CASE(a_start_of_20_ms_is_noticed_within_26_ms) {
    BOOST_TEST((seen(0ms, 100us) == 100us));
    for (auto up = 1ms; up <= 20ms; ++up)
        BOOST_TEST((seen(up, 100us) <= up + 6ms));
}

BOOST_AUTO_TEST_CASE(a_long_start_is_noticed_about_one_percent_late) {
    BOOST_TEST((seen(10s, 100us) <= 10s + 102ms));
    BOOST_TEST((seen(50s, 100us) <= 50s + 510ms));
}

BOOST_AUTO_TEST_CASE(no_pause_between_checks_exceeds_the_limit) {
    BOOST_TEST((pause_after(24h, 100us, 1s) == 1s));
    BOOST_TEST((pause_after(0s, 30s, 1s) == 1s));
    BOOST_TEST((pause_after(0s, 0s, 1ms) == 1ms));
}

BOOST_AUTO_TEST_CASE(pauses_are_shorter_while_clients_wait) {
    BOOST_TEST((pause_for_clients(500ms, 100us, 1s) == 5ms));
    BOOST_TEST((pause_for_clients(3s, 100us, 1s) == 10ms));
    BOOST_TEST((pause_for_clients(60s, 100us, 1s) == 60ms));
    BOOST_TEST((pause_for_clients(24h, 100us, 1s) == 1s));
    BOOST_TEST((pause_for_clients(3s, 20ms, 1s) == 60ms));
}

BOOST_AUTO_TEST_CASE(cheap_checks_notice_a_start_within_15_ms_and_later_within_50_ms) {
    BOOST_TEST((pause_of_cheap_check(0s, 20us, 1s) == 2ms));
    BOOST_TEST((pause_of_cheap_check(100ms, 20us, 1s) == 5ms));
    BOOST_TEST((pause_of_cheap_check(1'999ms, 20us, 1s) == 15ms));
    BOOST_TEST((pause_of_cheap_check(2s, 20us, 1s) == 50ms));
    BOOST_TEST((pause_of_cheap_check(24h, 20us, 1s) == 50ms));
    BOOST_TEST((pause_of_cheap_check(24h, 20us, 10ms) == 10ms));
    BOOST_TEST((pause_of_cheap_check(1s, 100ms, 1s) == 300ms));
}

BOOST_AUTO_TEST_CASE(early_checks_of_a_start_run_every_3_ms) {
    BOOST_TEST((pause_after(0s, 500us, 1s) == 2500us));
}

BOOST_AUTO_TEST_CASE(slow_checks_use_a_quarter_of_the_time) {
    BOOST_TEST((pause_after(0s, 50ms, 1s) == 150ms));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
