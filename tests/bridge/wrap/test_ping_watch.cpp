#include "bridge/wrap/ping_watch.hpp"

#include <boost/test/unit_test.hpp>

#include "support/log_records.hpp"
#include "support/still_loop.hpp"
#include "whole.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;

struct Pinged {
    test::LogRecords log{util::Severity::warning};
    test::StillLoop loop;
    channel::ContainerStatus status;
    Unit unit;
    PingWatch watch{loop, status, unit};

    Pinged() { unit.period = 10s; }

    std::size_t warnings() const { return log.texts().size(); }
    void app_wants(std::string_view usec) { status.state.facts[notify::Key::watchdog_usec] = usec; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ping_watch, Pinged)

BOOST_AUTO_TEST_CASE(a_missing_ping_is_reported_once_at_half_time) {
    watch.begin();
    loop.pass(4900ms);
    BOOST_TEST(warnings() == 0u);
    loop.pass(200ms);
    BOOST_TEST(log.has("no WATCHDOG=1 yet, but systemd expects one every 10s"));
    loop.pass(100s);
    BOOST_TEST(warnings() == 1u);
}

BOOST_AUTO_TEST_CASE(an_app_that_pings_is_not_reported) {
    watch.begin();
    loop.pass(4s);
    status.state.last_watchdog = {1, 1};
    loop.pass(100s);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_watchdog_no_missing_ping_is_reported) {
    unit.period.reset();
    watch.begin();
    loop.pass(100s);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(the_watchdog_timeout_that_the_app_sends_counts) {
    app_wants("2000000");
    watch.begin();
    loop.pass(1100ms);
    BOOST_TEST(log.has("expects one every 2s"));
}

BOOST_AUTO_TEST_CASE(an_app_may_switch_the_watchdog_off) {
    app_wants("0");
    watch.begin();
    loop.pass(100s);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(pings_are_expected_once_a_watchdog_is_known) {
    unit.period.reset();
    watch.begin();
    loop.pass(100s);
    unit.period = 4s;
    watch.watchdog_changed();
    loop.pass(1900ms);
    BOOST_TEST(warnings() == 0u);
    loop.pass(200ms);
    BOOST_TEST(warnings() == 1u);
}

BOOST_AUTO_TEST_CASE(the_time_before_readiness_does_not_count_for_pings) {
    watch.watchdog_changed();
    loop.pass(100s);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_CASE(an_unchanged_timeout_does_not_restart_the_wait_for_a_ping) {
    watch.begin();
    loop.pass(4s);
    watch.watchdog_changed();
    loop.pass(1100ms);
    BOOST_TEST(warnings() == 1u);
}

BOOST_AUTO_TEST_CASE(a_new_watchdog_timeout_restarts_the_wait_for_a_ping) {
    watch.begin();
    loop.pass(4s);
    app_wants("20000000");
    loop.pass(2s);
    BOOST_TEST(warnings() == 0u);
    loop.pass(11s);
    BOOST_TEST(log.has("expects one every 20s"));
}

BOOST_AUTO_TEST_CASE(a_stopped_ping_watch_reports_no_missing_ping) {
    watch.begin();
    watch.stop();
    watch.watchdog_changed();
    loop.pass(100s);
    BOOST_TEST(warnings() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
