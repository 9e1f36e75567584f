#include "bridge/probe/liveness.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>

#include "bridge/probe/fake_probes.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::probe {
namespace {

using namespace std::chrono_literals;

struct Living {
    event::Loop loop;
    FakeProbe* probe = nullptr;
    Liveness::Options options;
    std::optional<Liveness> liveness;
    int pings = 0;
    int deaths = 0;
    int died_at = 0;  ///< The number of the check that reported the death.
    int revivals = 0;
    std::string text;

    Living() { options.interval = 1ms; }

    void make() {
        auto made = std::make_unique<FakeProbe>(loop, "http://127.0.0.1/");
        made->holds_from = 1;
        probe = made.get();
        liveness.emplace(loop, std::move(made), options);
        liveness->on_alive = [this] { ++pings; };
        liveness->on_revival = [this] { ++revivals; };
        liveness->on_dead = [this](const std::string& why) {
            ++deaths;
            died_at = probe->checks;
            text = why;
        };
    }

    void until_checks(int number) {
        test::run(loop, [&] { return test::until(loop, [&] { return probe->checks >= number; }); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(liveness_of_a_program, Living)

BOOST_AUTO_TEST_CASE(each_successful_liveness_check_sends_a_ping) {
    make();
    liveness->start();
    until_checks(10);
    BOOST_TEST(pings >= 9);
    BOOST_TEST(pings <= probe->checks);
    BOOST_TEST(deaths == 0);
}

BOOST_AUTO_TEST_CASE(a_failed_liveness_check_is_explained) {
    make();
    probe->fails_from = 4;
    liveness->start();
    until_checks(8);
    BOOST_TEST(pings == 3);
    BOOST_TEST(deaths == 1);
    BOOST_TEST(text == "not alive: http://127.0.0.1/: not yet");
}

BOOST_AUTO_TEST_CASE(a_program_is_dead_after_the_given_number_of_failures) {
    options.failures = 3;
    make();
    probe->fails_from = 4;
    liveness->start();
    until_checks(8);
    BOOST_TEST(deaths == 1);
    BOOST_TEST(died_at == 6);
    BOOST_TEST(pings == 5);
}

BOOST_AUTO_TEST_CASE(only_consecutive_failed_checks_add_up) {
    options.failures = 2;
    make();
    liveness->start();
    for (int round = 0; round < 5; ++round) {
        probe->fails_from = probe->checks + 1;
        until_checks(probe->checks + 1);
        probe->fails_from = 0;
        until_checks(probe->checks + 2);
    }
    BOOST_TEST(revivals == deaths);
}

BOOST_AUTO_TEST_CASE(a_program_that_recovers_counts_as_alive_again) {
    make();
    probe->holds_from = 5;
    liveness->start();
    until_checks(8);
    BOOST_TEST(deaths == 1);
    BOOST_TEST(revivals == 1);
    BOOST_TEST(pings >= 3);
}

BOOST_AUTO_TEST_CASE(the_ping_period_is_a_third_of_the_watchdogs_timeout) {
    options.interval.reset();
    make();
    BOOST_TEST((liveness->period() == 10s));
    std::optional<std::chrono::microseconds> patience = 30s;
    liveness->watchdog = [&] { return patience; };
    BOOST_TEST((liveness->period() == 10s));
    patience = 3s;
    BOOST_TEST((liveness->period() == 1s));
    patience = 0s;
    BOOST_TEST((liveness->period() > 0s));
    patience.reset();
    BOOST_TEST((liveness->period() == 10s));
}

BOOST_AUTO_TEST_CASE(the_option_interval_can_only_shorten_the_ping_period) {
    options.interval = 2s;
    make();
    BOOST_TEST((liveness->period() == 2s));
    liveness->watchdog = [] { return std::optional<std::chrono::microseconds>(30s); };
    BOOST_TEST((liveness->period() == 2s));
    liveness->watchdog = [] { return std::optional<std::chrono::microseconds>(3s); };
    BOOST_TEST((liveness->period() == 1s));
}

BOOST_AUTO_TEST_CASE(each_ping_period_has_one_check) {
    options.interval = 20ms;
    make();
    const auto before = std::chrono::steady_clock::now();
    liveness->start();
    until_checks(6);
    BOOST_TEST((std::chrono::steady_clock::now() - before >= 5 * 20ms));
}

BOOST_AUTO_TEST_CASE(a_watchdog_that_is_newly_enabled_gets_a_ping_at_once) {
    options.interval = 1h;
    make();
    std::optional<std::chrono::microseconds> patience;
    liveness->watchdog = [&] { return patience; };
    liveness->start();
    until_checks(1);
    patience = 3ms;
    liveness->watchdog_changed();
    until_checks(4);
    BOOST_TEST(pings >= 3);
}

BOOST_AUTO_TEST_CASE(a_program_that_need_not_answer_counts_as_alive) {
    make();
    probe->fails_from = 3;
    liveness->excused = [this] { return probe->checks >= 3; };
    liveness->start();
    test::run(loop, [this] { return test::until(loop, [this] { return pings >= 6; }); });
    BOOST_TEST(deaths == 0);
    BOOST_TEST(probe->checks == 3);
}

BOOST_AUTO_TEST_CASE(a_dead_program_that_need_not_answer_stays_dead) {
    make();
    probe->fails_from = 2;
    int looks = 0;
    liveness->excused = [&] { return ++looks > 10; };
    liveness->start();
    test::run(loop, [&] { return test::until(loop, [&] { return looks > 15; }); });
    BOOST_TEST(deaths == 1);
    BOOST_TEST(revivals == 0);
    BOOST_TEST(pings == 1);
}

BOOST_AUTO_TEST_CASE(a_stopped_liveness_check_does_not_run_again) {
    make();
    liveness->start();
    until_checks(2);
    liveness->stop();
    const int checks = probe->checks;
    event::Timer timer(loop);
    test::run(loop, [&]() -> event::Awaitable<> { co_await timer.sleep(20ms); });
    BOOST_TEST(probe->checks == checks);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
