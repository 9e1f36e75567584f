#include "base/process/signal_plan.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <ostream>
#include <random>
#include <vector>

#include "base/process/print.hpp"

namespace notifybridge::process {

inline std::ostream& operator<<(std::ostream& out, const SignalPlan::Decision& decision) {
    return out << "fate " << static_cast<int>(decision.fate) << " of "
               << signal_name(decision.signal);
}

namespace {

using namespace std::chrono_literals;
using Arrival = SignalPlan::Arrival;
using Decision = SignalPlan::Decision;
using Fate = SignalPlan::Fate;
using Way = SignalPlan::Way;

constexpr SignalPlan::Target running{true, false};
constexpr SignalPlan::Target running_in_own_group{true, true};
constexpr SignalPlan::Target ended{false, false};

struct Signals {
    SignalPlan plan{/*is_pid1=*/false};
    SignalPlan::Time now = 100s;

    Decision take(const Arrival& arrival, SignalPlan::Target command = running) {
        plan.note(arrival, now);
        return plan.judge(arrival, command, now);
    }
    Decision receive(int signal, SignalPlan::Target command = running) {
        return take({signal}, command);
    }
    Decision hear(int signal) { return take({signal, Way::told}); }
    Decision type(int signal, SignalPlan::Target command) {
        return take({signal, Way::received, /*from_terminal=*/true}, command);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(signal_plan, Signals)

BOOST_AUTO_TEST_CASE(a_signal_is_passed_on_to_a_running_command) {
    BOOST_TEST(receive(SIGUSR1) == (Decision{Fate::pass, SIGUSR1}));
    BOOST_TEST(receive(SIGWINCH) == (Decision{Fate::pass, SIGWINCH}));
    BOOST_TEST(plan.received().test(SIGUSR1));
    BOOST_TEST(plan.received().count() == 1u);
}

BOOST_AUTO_TEST_CASE(a_terminating_signal_without_a_command_is_unclaimed) {
    BOOST_TEST(receive(SIGHUP, ended) == (Decision{Fate::unclaimed, SIGHUP}));
    BOOST_TEST(receive(SIGWINCH, ended) == (Decision{Fate::dropped, SIGWINCH}));
}

BOOST_AUTO_TEST_CASE(a_signal_that_arrives_in_two_ways_counts_once) {
    BOOST_TEST(receive(SIGTERM) == (Decision{Fate::pass, SIGTERM}));
    now += 1s;
    BOOST_TEST(hear(SIGTERM) == (Decision{Fate::repeated, SIGTERM}));
    BOOST_TEST(hear(SIGTERM) == (Decision{Fate::pass, SIGTERM}));
    BOOST_TEST(hear(SIGTERM) == (Decision{Fate::pass, SIGTERM}));
    now += 2s;
    BOOST_TEST(receive(SIGTERM) == (Decision{Fate::pass, SIGTERM}));
    BOOST_TEST(hear(SIGKILL) == (Decision{Fate::pass, SIGKILL}));
    BOOST_TEST(receive(SIGWINCH) == (Decision{Fate::pass, SIGWINCH}));
    BOOST_TEST(hear(SIGWINCH) == (Decision{Fate::pass, SIGWINCH}));
}

BOOST_AUTO_TEST_CASE(a_signal_of_the_terminal_reaches_the_command_once) {
    BOOST_TEST(type(SIGINT, running) == (Decision{Fate::already_there, SIGINT}));
    BOOST_TEST(type(SIGINT, running_in_own_group) == (Decision{Fate::pass, SIGINT}));
    BOOST_TEST(type(SIGTSTP, running) == (Decision{Fate::stop_ourselves, SIGTSTP}));
    BOOST_TEST(type(SIGTSTP, running_in_own_group) == (Decision{Fate::pass, SIGTSTP}));
    BOOST_TEST(type(SIGINT, ended) == (Decision{Fate::unclaimed, SIGINT}));
}

BOOST_AUTO_TEST_CASE(signals_of_this_process_are_reported_on_request) {
    plan.report_signals(true);
    BOOST_TEST(receive(SIGTERM) == (Decision{Fate::report, SIGTERM}));
    BOOST_TEST(receive(SIGCONT) == (Decision{Fate::report, SIGCONT}));
    BOOST_TEST(hear(SIGTERM) == (Decision{Fate::pass, SIGTERM}));
    BOOST_TEST(type(SIGWINCH, running_in_own_group) == (Decision{Fate::pass, SIGWINCH}));
    BOOST_TEST(type(SIGINT, running_in_own_group) == (Decision{Fate::report, SIGINT}));
}

BOOST_AUTO_TEST_CASE(the_stop_signal_replaces_sigterm) {
    plan.set_stop_signal(SIGQUIT);
    BOOST_TEST(receive(SIGTERM) == (Decision{Fate::pass, SIGQUIT}));
    BOOST_TEST(receive(SIGINT) == (Decision{Fate::pass, SIGINT}));
    BOOST_TEST(plan.is_for_group(SIGQUIT));
    BOOST_TEST(!plan.is_for_group(SIGINT));
    BOOST_TEST(plan.as_requested(ExitStatus::killed(SIGQUIT)) == ExitStatus::killed(SIGTERM));
    BOOST_TEST(plan.as_requested(ExitStatus::exited(128 + SIGQUIT)) == ExitStatus::killed(SIGTERM));
    BOOST_TEST(plan.as_requested(ExitStatus::exited(3)) == ExitStatus::exited(3));
}

BOOST_AUTO_TEST_CASE(pid_1_passes_a_received_sigterm_on_unchanged) {
    plan = SignalPlan(/*is_pid1=*/true);
    plan.set_stop_signal(SIGQUIT);
    BOOST_TEST(receive(SIGTERM) == (Decision{Fate::pass, SIGTERM}));
    BOOST_TEST(hear(SIGTERM) == (Decision{Fate::pass, SIGQUIT}));
}

BOOST_AUTO_TEST_CASE(an_init_gets_its_stop_signal_for_each_request_to_end) {
    plan.follow_init(SIGRTMIN + 3);
    plan.report_signals(true);
    BOOST_TEST(hear(SIGINT) == (Decision{Fate::pass, SIGRTMIN + 3}));
    BOOST_TEST(receive(SIGTERM) == (Decision{Fate::report, SIGTERM}));
    BOOST_TEST(take({SIGTERM, Way::received, false, /*from_outside=*/true})
               == (Decision{Fate::repeated, SIGRTMIN + 3}));
    BOOST_TEST(!plan.is_for_group(SIGRTMIN + 3));
}

BOOST_AUTO_TEST_CASE(each_signal_after_a_stop_signal_requests_the_end) {
    plan.set_stop_signal(SIGWINCH);
    BOOST_TEST(!plan.note({SIGWINCH, Way::received, /*from_terminal=*/true}, now));
    BOOST_TEST(!plan.note({SIGHUP}, now));
    BOOST_TEST(!plan.was_told_to_end());
    BOOST_TEST(plan.note({SIGWINCH}, now));
    BOOST_TEST(plan.note({SIGHUP}, now));
    BOOST_TEST(plan.was_told_to_end());
}

BOOST_AUTO_TEST_CASE(the_first_stop_is_kept_until_it_is_released) {
    plan.set_stop_signal(SIGQUIT);
    BOOST_TEST(!plan.keep(SIGTERM));
    plan.hold_stop();
    BOOST_TEST(!plan.keep(SIGHUP));
    BOOST_TEST(plan.keep(SIGQUIT));
    BOOST_TEST(plan.keep(SIGINT));
    BOOST_TEST((plan.release_stop() == SIGQUIT));
    BOOST_TEST(!plan.keep(SIGINT));
    BOOST_TEST(!plan.release_stop().has_value());
}

BOOST_AUTO_TEST_CASE(only_a_signal_that_nobody_sent_is_a_crash) {
    BOOST_TEST(plan.is_crash(ExitStatus::killed(SIGSEGV)));
    BOOST_TEST(plan.is_crash(ExitStatus::killed(SIGKILL)));
    BOOST_TEST(!plan.is_crash(ExitStatus::killed(SIGPIPE)));
    BOOST_TEST(!plan.is_crash(ExitStatus::exited(139)));
    plan.sent(SIGKILL, /*is_running=*/true);
    receive(SIGUSR1);
    BOOST_TEST(!plan.is_crash(ExitStatus::killed(SIGKILL)));
    BOOST_TEST(!plan.is_crash(ExitStatus::killed(SIGUSR1)));
}

BOOST_AUTO_TEST_CASE(an_end_is_expected_after_a_request_or_by_a_signal_passed_on) {
    BOOST_TEST(!plan.was_expected(ExitStatus::exited(0), now));
    receive(SIGUSR1);
    BOOST_TEST(!plan.was_expected(ExitStatus::exited(0), now));
    BOOST_TEST(!plan.was_expected(std::nullopt, now));
    BOOST_TEST(plan.was_expected(ExitStatus::killed(SIGUSR1), now));
    plan.sent(SIGTERM, /*is_running=*/false);
    BOOST_TEST(plan.was_expected(ExitStatus::exited(0), now));
}

BOOST_AUTO_TEST_CASE(a_signal_is_just_received_for_a_limited_time) {
    BOOST_TEST(!plan.has_just_received(0, now));
    receive(SIGKILL);
    BOOST_TEST(plan.has_just_received(SIGKILL, now + signal_effect - 1us));
    BOOST_TEST(!plan.has_just_received(SIGKILL, now + signal_effect));
    receive(SIGHUP);
    BOOST_TEST(!plan.has_just_received(SIGKILL, now));
}

/// Draws signals that arrive in any way and at any time. The command ends at some time, and its
/// owner may hold a stop.
BOOST_AUTO_TEST_CASE(random_histories_lose_no_signal_and_repeat_none) {
    constexpr int drawn[] = {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGTERM, SIGKILL, SIGCONT, SIGWINCH};
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            std::mt19937 chance(seed);
            const bool is_pid1 = chance() % 4 == 0;
            plan = SignalPlan(is_pid1);
            if (const int stop = drawn[chance() % 8]; stop != SIGKILL && chance() % 2 == 0)
                plan.set_stop_signal(stop);
            plan.report_signals(chance() % 4 == 0);
            SignalPlan::Target command{true, chance() % 2 == 0};
            SignalSet terminating;
            std::optional<int> kept;
            std::optional<std::pair<Arrival, SignalPlan::Time>> last;  // that counted
            bool was_told = false;
            for (int step = 0; step < 20; ++step) {
                now += std::chrono::milliseconds(chance() % 3'000);
                command.is_running = command.is_running && chance() % 20 != 0;
                const Arrival arrival{drawn[chance() % 8],
                                      chance() % 2 == 0 ? Way::received : Way::told, false,
                                      chance() % 4 == 0};
                if (is_terminating(arrival.signal) && arrival.signal != SIGKILL)
                    terminating.set(static_cast<std::size_t>(arrival.signal));
                const auto [fate, signal] = take(arrival, command);
                const int meant = is_pid1 && arrival.way == Way::received
                                      ? arrival.signal
                                      : plan.translate(arrival.signal);
                BOOST_TEST(plan.received() == terminating);
                BOOST_TEST(plan.was_told_to_end() >= was_told);
                BOOST_TEST(plan.was_told_to_quit(now) >= plan.was_told_to_end());
                was_told = plan.was_told_to_end();
                if (fate == Fate::repeated) {
                    BOOST_TEST_REQUIRE(last.has_value());
                    BOOST_TEST(static_cast<int>(last->first.way) != static_cast<int>(arrival.way));
                    BOOST_TEST((now - last->second < 2s));
                    last.reset();
                } else if (fate != Fate::report && is_terminating(meant) && meant != SIGKILL) {
                    last = {arrival, now};
                }
                BOOST_TEST((fate == Fate::pass || fate == Fate::repeated || fate == Fate::report)
                           >= command.is_running);
                BOOST_TEST((fate == Fate::pass) <= command.is_running);
                BOOST_TEST((fate == Fate::unclaimed) <= is_terminating(signal));
                if (fate != Fate::pass)
                    continue;
                if (chance() % 4 == 0)
                    plan.hold_stop();
                if (plan.keep(signal)) {
                    BOOST_TEST(plan.is_stop(signal));
                    kept = kept.value_or(signal);
                } else {
                    plan.sent(signal, command.is_running);
                    BOOST_TEST(!plan.is_crash(ExitStatus::killed(signal)));
                }
                if (chance() % 4 == 0) {
                    BOOST_TEST((plan.release_stop() == kept));
                    kept.reset();
                    BOOST_TEST(!plan.holds_stop());
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
