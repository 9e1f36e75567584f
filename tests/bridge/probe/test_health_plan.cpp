#include "bridge/probe/health_plan.hpp"

#include <boost/test/unit_test.hpp>
#include <ostream>
#include <random>

namespace notifybridge::channel {

std::ostream& operator<<(std::ostream& out, HealthState state) {
    return out << static_cast<int>(state);
}

}  // namespace notifybridge::channel

namespace notifybridge::probe {

using Change = HealthPlan::Change;

std::ostream& operator<<(std::ostream& out, Change change) {
    return out << static_cast<int>(change);
}

namespace {

using channel::HealthState;
using namespace std::chrono_literals;
using Time = HealthPlan::Time;

/// A health plan whose checks run one after the other. By default, a check takes no time.
struct Checks {
    HealthSettings settings;
    std::optional<HealthPlan> plan{};
    Time now = 1000s;
    Time began = now;
    Time pause{};

    Checks() { settings.interval = 10s; }

    void start() {
        plan.emplace(settings);
        pause = plan->started(now).pause;
    }

    Time since_start() const { return now - began; }

    /// Runs the next check, which takes `time`.
    Change check(std::optional<int> exit_status, Time time = 0s, std::string output = {}) {
        now += pause;
        plan->check_began(now);
        now += time;
        const auto decision = plan->check_ended(now, {exit_status, std::move(output)});
        pause = decision.pause;
        return decision.change;
    }

    /// Fails all checks that begin before `span` after the start.
    Change fail_until(Time span) {
        Change change = Change::none;
        while (since_start() + pause < span)
            change = std::max(change, check(1));
        return change;
    }

    HealthState state() const { return plan->health().state; }
    unsigned streak() const { return plan->health().failing_streak; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(health_plan, Checks)

BOOST_AUTO_TEST_CASE(the_first_health_check_runs_immediately) {
    start();
    BOOST_TEST(state() == HealthState::starting);
    BOOST_TEST(pause.count() == 0);
}

BOOST_AUTO_TEST_CASE(a_successful_check_makes_the_state_healthy) {
    start();
    BOOST_TEST(check(0, 0s, "fine") == Change::healthy);
    BOOST_TEST(state() == HealthState::healthy);
    BOOST_TEST((plan->health().exit_status == 0));
    BOOST_TEST(plan->health().output == "fine");
    BOOST_TEST(check(0) == Change::none);
}

BOOST_AUTO_TEST_CASE(the_interval_begins_when_a_check_has_ended) {
    start();
    check(0, 3s);
    BOOST_TEST((pause == 10s));
    check(1, 2s);
    BOOST_TEST((pause == 10s));
}

BOOST_AUTO_TEST_CASE(consecutive_failed_checks_make_the_state_unhealthy) {
    start();
    check(0);
    BOOST_TEST(check(1) == Change::none);
    BOOST_TEST(check(2) == Change::none);
    BOOST_TEST(state() == HealthState::healthy);
    BOOST_TEST(check(1) == Change::unhealthy);
    BOOST_TEST(state() == HealthState::unhealthy);
    BOOST_TEST(check(1) == Change::none);
    BOOST_TEST(streak() == 4U);
}

BOOST_AUTO_TEST_CASE(a_successful_check_ends_the_failing_streak) {
    start();
    check(0);
    check(1);
    check(1);
    BOOST_TEST(streak() == 2U);
    check(0);
    BOOST_TEST(streak() == 0U);
    check(1);
    BOOST_TEST(check(1) == Change::none);
    BOOST_TEST(state() == HealthState::healthy);
}

BOOST_AUTO_TEST_CASE(one_successful_check_ends_an_unhealthy_state) {
    start();
    check(0);
    for (int round = 0; round < 3; ++round)
        check(1);
    BOOST_TEST(check(0) == Change::healthy);
    BOOST_TEST(streak() == 0U);
}

BOOST_AUTO_TEST_CASE(a_check_without_an_exit_status_has_failed) {
    settings.retries = 1;
    start();
    check(0);
    BOOST_TEST(check(std::nullopt, 30s, "timed out") == Change::unhealthy);
    BOOST_TEST(!plan->health().exit_status);
    BOOST_TEST(plan->health().output == "timed out");
}

BOOST_AUTO_TEST_CASE(the_state_is_unhealthy_if_no_check_ever_succeeds) {
    start();
    BOOST_TEST(fail_until(30s) == Change::none);
    BOOST_TEST(streak() == 2U);
    BOOST_TEST(check(1) == Change::unhealthy);
    BOOST_TEST((since_start() == 30s));
    BOOST_TEST((pause == 10s));
}

BOOST_AUTO_TEST_CASE(early_failed_checks_do_not_count) {
    settings.retries = 1;
    start();
    BOOST_TEST(fail_until(10s) == Change::none);
    BOOST_TEST(state() == HealthState::starting);
    BOOST_TEST(streak() == 0U);
    BOOST_TEST(check(1) == Change::unhealthy);
    BOOST_TEST((since_start() == 10s));
}

BOOST_AUTO_TEST_CASE(an_early_successful_check_counts) {
    start();
    fail_until(5s);
    BOOST_TEST(check(0) == Change::healthy);
    BOOST_TEST((since_start() < 10s));
    BOOST_TEST((pause == 10s));
}

BOOST_AUTO_TEST_CASE(the_interval_of_early_checks_grows) {
    settings.interval = 30s;
    start();
    int count = 0;
    for (; since_start() + pause < 30s; ++count)
        check(1);
    BOOST_TEST(count > 5);
    BOOST_TEST(count < 20);
}

BOOST_AUTO_TEST_CASE(pauses_are_short_again_once_a_success_is_likely) {
    settings.interval = 1h;
    start();
    fail_until(1min);
    BOOST_TEST((pause > 10s));
    plan->success_is_likely(now);
    pause = 0s;
    check(1);
    BOOST_TEST((pause == 100ms));
}

BOOST_AUTO_TEST_CASE(early_checks_take_at_most_a_quarter_of_the_time) {
    start();
    check(1, 2s);
    BOOST_TEST((pause == 6s));
}

BOOST_AUTO_TEST_CASE(early_checks_are_not_rarer_than_regular_checks) {
    settings.interval = 50ms;
    start();
    check(1);
    BOOST_TEST((pause == 50ms));
}

BOOST_AUTO_TEST_CASE(a_long_early_check_counts_as_a_regular_check) {
    settings.retries = 1;
    start();
    BOOST_TEST(check(1, 11s) == Change::unhealthy);
    BOOST_TEST((pause == 10s));
}

BOOST_AUTO_TEST_CASE(failed_checks_in_the_start_period_do_not_count) {
    settings.start_period = 60s;
    settings.retries = 1;
    start();
    BOOST_TEST(fail_until(60s) == Change::none);
    BOOST_TEST(streak() == 0U);
    BOOST_TEST(state() == HealthState::starting);
    fail_until(70s);
    BOOST_TEST(state() == HealthState::unhealthy);
}

BOOST_AUTO_TEST_CASE(a_failed_check_begun_in_the_start_period_does_not_count) {
    settings.start_period = 12s;
    settings.start_interval = 10s;
    settings.retries = 1;
    start();
    fail_until(10s);
    now += pause - 1us;
    pause = 1us;
    BOOST_TEST(check(1, 5s) == Change::none);
    BOOST_TEST(streak() == 0U);
}

BOOST_AUTO_TEST_CASE(the_first_successful_check_ends_the_start_period) {
    settings.start_period = 60s;
    settings.retries = 1;
    start();
    check(1);
    check(0);
    BOOST_TEST((pause == 10s));
    BOOST_TEST(check(1) == Change::unhealthy);
    BOOST_TEST((since_start() < 60s));
}

BOOST_AUTO_TEST_CASE(the_start_interval_applies_in_the_start_period) {
    settings.start_period = 60s;
    settings.start_interval = 2s;
    start();
    fail_until(50s);
    BOOST_TEST((pause == 2s));
    fail_until(60s);
    check(1);
    BOOST_TEST((pause == 10s));
}

BOOST_AUTO_TEST_CASE(the_start_interval_may_be_longer_than_the_interval) {
    settings.start_period = 100s;
    settings.start_interval = 20s;
    start();
    fail_until(90s);
    BOOST_TEST((pause == 20s));
}

BOOST_AUTO_TEST_CASE(time_to_start_is_the_start_period_plus_one_check) {
    start();
    BOOST_TEST((plan->time_to_start() == 0s));
    settings.start_period = 100s;
    settings.timeout = 3s;
    start();
    BOOST_TEST((plan->time_to_start() == 113s));
}

BOOST_AUTO_TEST_CASE(time_spans_of_100_years_do_not_overflow) {
    settings.interval = settings.timeout = settings.start_period = settings.start_interval =
        std::chrono::years(100);
    start();
    BOOST_TEST((plan->time_to_start() > std::chrono::years(200)));
    for (int round = 0; round < 20; ++round)
        check(1);
    BOOST_TEST(state() == HealthState::starting);
    check(0);
    BOOST_TEST((pause == std::chrono::years(100)));
}

BOOST_AUTO_TEST_CASE(random_checks_keep_health_state_and_streak_consistent) {
    std::mt19937 random(7);  // NOLINT: the same histories each time
    for (int history = 0; history < 1000; ++history) {
        settings.retries = 1 + random() % 3;
        settings.start_period = std::chrono::seconds(random() % 30);
        settings.interval = std::chrono::seconds(1 + random() % 10);
        settings.start_interval = std::chrono::seconds(1 + random() % 5);
        now = began = 1000s;
        start();
        unsigned failures = 0;
        for (int round = 0; round < 50; ++round) {
            const HealthState before = state();
            const bool holds = random() % 3 == 0;
            const Change change = check(holds ? 0 : 1, std::chrono::milliseconds(random() % 2000));
            failures = holds ? 0 : failures + 1;
            BOOST_TEST(streak() <= failures);
            BOOST_TEST((state() != before) == (change != Change::none));
            if (holds)
                BOOST_TEST(state() == HealthState::healthy);
            if (change == Change::unhealthy)
                BOOST_TEST(streak() >= settings.retries);
            if (state() == HealthState::healthy)
                BOOST_TEST(streak() < settings.retries);
            BOOST_TEST((pause > 0s));
            BOOST_TEST((pause <= std::max(settings.interval, settings.start_interval)));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
