#include "bridge/wrap/wrap_plan.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/process/print.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::wrap {
namespace {

using namespace std::chrono_literals;
using process::ExitStatus;
using process::SignalPlan;
using Act = WrapPlan::Action::Kind;
using Acts = std::vector<Act>;
using util::Severity;

struct Planned {
    SignalPlan signals{/*is_pid1=*/false};
    WrapPlan::Options options;
    std::optional<WrapPlan> plan;
    WrapPlan::Time now = 100s;
    WrapPlan::Actions actions;  ///< Those of the last event.

    Planned() {
        options.kill_after = 5s;
        options.stop_timeout = 10s;
        options.idle_timeout = 60s;
    }

    Acts begin(bool awaits_descriptors = false) {
        plan.emplace(signals, options);
        return keep(plan->begin(awaits_descriptors));
    }
    Acts take(const Event& event) {
        if (!plan)
            begin();
        return keep(plan->take(event, now));
    }
    Acts keep(WrapPlan::Actions taken) {
        actions = std::move(taken);
        Acts kinds;
        for (const WrapPlan::Action& action : actions)
            kinds.push_back(action.kind);
        return kinds;
    }

    void hear(int signal) { signals.note({signal, SignalPlan::Way::told}, now); }

    /// Ends the command. Returns the exit status of the run.
    ExitStatus end(ExitStatus status) {
        take(process::CommandEnded{status});
        take(MessagesEnded());
        take(ProbesEnded{status});
        BOOST_TEST_REQUIRE(actions.size() == 1u);
        BOOST_TEST((actions.front().kind == Act::finish));
        return actions.front().status;
    }

    bool logs(Severity severity, std::string_view text) const {
        return std::ranges::any_of(actions, [&](const auto& action) {
            return action.kind == Act::log && action.severity == severity
                   && action.texts.front().find(text) != std::string::npos;
        });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wrap_plan, Planned)

BOOST_AUTO_TEST_CASE(the_command_starts_when_its_descriptors_have_come) {
    BOOST_TEST((begin() == Acts{Act::start_command}));
    BOOST_TEST((begin(true) == Acts{Act::await_descriptors}));
    BOOST_TEST(!plan->command_goes_on(now));
    BOOST_TEST((take(DescriptorsCame()) == Acts{Act::start_command}));
    BOOST_TEST(plan->command_goes_on(now));
}

BOOST_AUTO_TEST_CASE(a_signal_ends_a_command_that_is_held_back) {
    begin(true);
    BOOST_TEST((take(process::SignalUnclaimed{SIGTERM}) == Acts{Act::log, Act::end_messages}));
    BOOST_TEST(take(DescriptorsCame()).empty());
    BOOST_TEST((take(process::SignalUnclaimed{SIGTERM}) == Acts{Act::hurry_output}));
}

BOOST_AUTO_TEST_CASE(a_signal_ends_the_run_if_the_command_is_pid_1) {
    begin();
    BOOST_TEST(take(process::SignalCame{SIGCONT}).empty());
    BOOST_TEST((take(process::SignalCame{SIGTERM}) == Acts{Act::log, Act::end_messages}));
    BOOST_TEST(take(process::SignalCame{SIGTERM}).empty());
}

BOOST_AUTO_TEST_CASE(a_stop_of_the_host_spares_orphans) {
    BOOST_TEST(
        (take(HostSignalled{SIGTERM}) == Acts{Act::log, Act::spare_orphans, Act::take_signal}));
    BOOST_TEST((take(HostSignalled{SIGHUP}) == Acts{Act::log, Act::take_signal}));
    BOOST_TEST(actions.back().signal == SIGHUP);
    options.limits_orphans = true;
    begin();
    BOOST_TEST((take(HostSignalled{SIGTERM}) == Acts{Act::log, Act::take_signal}));
}

BOOST_AUTO_TEST_CASE(a_sigkill_of_the_host_leaves_no_time) {
    BOOST_TEST((take(HostSignalled{SIGKILL})
                == Acts{Act::log, Act::release_stopping, Act::hurry_orphans, Act::hurry_connections,
                        Act::take_signal, Act::hurry_output}));
    BOOST_TEST(plan->was_told_to_end());
    BOOST_TEST(!plan->command_goes_on(now));
    BOOST_TEST((plan->next_time() == now + 5s));
    BOOST_TEST((take(TimePassed()) == Acts{Act::kill}));
    BOOST_TEST(!plan->next_time().has_value());
}

BOOST_AUTO_TEST_CASE(a_command_that_has_to_end_is_killed_after_a_time) {
    BOOST_TEST((take(EndWanted{SIGTERM}) == Acts{Act::kill, Act::hurry_output}));
    BOOST_TEST(actions.front().signal == SIGTERM);
    BOOST_TEST((plan->next_time() == now + 5s));
    take(TimePassed());
    BOOST_TEST(actions.front().signal == SIGKILL);
    BOOST_TEST(!plan->was_told_to_end());
}

BOOST_AUTO_TEST_CASE(the_end_of_an_idle_command_is_a_success) {
    BOOST_TEST((take(IdleTimedOut())
                == Acts{Act::log, Act::say, Act::release_stopping, Act::kill, Act::hurry_output}));
    BOOST_TEST(actions[1].texts.front() == "STOPPING=1");
    BOOST_TEST((plan->next_time() == now + 10s));
    BOOST_TEST(end(ExitStatus::killed(SIGTERM)) == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_CASE(a_delayed_stop_requests_time) {
    take(StopDelayed());
    BOOST_TEST(actions.front().texts.front() == "EXTEND_TIMEOUT_USEC=25000000");
    options.stop_timeout = util::infinity;
    begin();
    BOOST_TEST(take(StopDelayed()).empty());
}

BOOST_AUTO_TEST_CASE(an_end_by_the_stop_signal_counts_as_one_by_sigterm) {
    signals.set_stop_signal(SIGUSR2);
    hear(SIGTERM);
    BOOST_TEST(end(ExitStatus::killed(SIGUSR2)) == ExitStatus::killed(SIGTERM));
    BOOST_TEST(plan->result(/*is_pid1=*/false) == ExitStatus::killed(SIGTERM));
    BOOST_TEST(plan->result(/*is_pid1=*/true) == ExitStatus::exited(128 + SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_crash_is_a_warning) {
    take(process::CommandEnded{ExitStatus::killed(SIGSEGV)});
    BOOST_TEST(logs(Severity::warning, "was killed by SIGSEGV"));
    begin();
    take(process::CommandEnded{ExitStatus::exited(3)});
    BOOST_TEST(logs(Severity::info, "exited with status 3"));
}

BOOST_AUTO_TEST_CASE(an_end_by_a_passed_signal_is_explained) {
    constexpr std::string_view text = "it does not handle this signal";
    hear(SIGUSR1);
    hear(SIGABRT);
    take(process::CommandEnded{ExitStatus::killed(SIGUSR1)});
    BOOST_TEST(logs(Severity::warning, text));
    take(process::CommandEnded{ExitStatus::killed(SIGABRT)});
    BOOST_TEST(!logs(Severity::warning, text));
    hear(SIGTERM);
    take(process::CommandEnded{ExitStatus::killed(SIGUSR1)});
    BOOST_TEST(!logs(Severity::warning, text));
}

BOOST_AUTO_TEST_CASE(a_stop_before_ready_1_is_explained_to_a_reader) {
    constexpr std::string_view text = "a stop was requested before the command sent READY=1";
    const MessagesEnded unready{true, notify::Phase::starting};
    take(unready);
    BOOST_TEST(!logs(Severity::warning, text));
    hear(SIGTERM);
    BOOST_TEST((take(unready)
                == Acts{Act::hurry_output, Act::log, Act::close_connections, Act::end_probes}));
    BOOST_TEST(logs(Severity::warning, "set --socket-mode=0666"));
    take(MessagesEnded{false, notify::Phase::starting});
    BOOST_TEST(!logs(Severity::warning, text));
    take(MessagesEnded{true, notify::Phase::stopping});
    BOOST_TEST(!logs(Severity::warning, text));
    options.others_may_send = true;
    begin();
    take(unready);
    BOOST_TEST(logs(Severity::warning, text));
    BOOST_TEST(!logs(Severity::warning, "set --socket-mode"));
    options.has_conditions = true;
    begin();
    take(unready);
    BOOST_TEST(!logs(Severity::warning, text));
}

/// Draws events in any order. The test performs the actions that cause events.
BOOST_AUTO_TEST_CASE(each_random_history_starts_once_and_finishes_once) {
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            std::mt19937 chance(seed);
            constexpr int drawn[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGKILL, SIGUSR1, SIGCONT};
            signals = SignalPlan(false);
            options.limits_orphans = chance() % 2 == 0;
            const bool awaits = chance() % 3 == 0;
            const bool is_pid1 = chance() % 5 == 0;
            int starts = 0;
            int ends = 0;
            int finished = 0;
            bool was_idle = false;
            ExitStatus result;
            const std::function<void(const WrapPlan::Actions&)> perform =
                [&](const WrapPlan::Actions& all) {
                    for (const WrapPlan::Action& action : all) {
                        starts += action.kind == Act::start_command;
                        ends += action.kind == Act::end_messages;
                        BOOST_TEST(action.texts.empty()
                                   == (action.kind != Act::log && action.kind != Act::say));
                        if (action.kind == Act::take_signal) {
                            hear(action.signal);
                        } else if (action.kind == Act::end_messages) {
                            perform(plan->take(MessagesEnded{chance() % 2 == 0}, now));
                        } else if (action.kind == Act::end_probes) {
                            perform(plan->take(ProbesEnded{action.status}, now));
                        } else if (action.kind == Act::finish) {
                            ++finished;
                            result = action.status;
                        }
                    }
                };
            begin(awaits);
            perform(actions);
            bool has_descriptors = !awaits;
            const auto draw = [&](unsigned what, int signal) -> Event {
                const bool runs = starts == 1 && finished == 0;
                switch (what) {
                    case 0:
                        if (signal == SIGKILL || runs)
                            return MessagesDue();
                        hear(signal);
                        return process::SignalUnclaimed{signal};
                    case 1:
                        return HostSignalled{signal};
                    case 2:
                        return EndWanted{chance() % 2 == 0 ? SIGTERM : SIGKILL};
                    case 3:
                        if (!runs)
                            return RoomCame();
                        was_idle = true;
                        return IdleTimedOut();
                    case 4:
                        if (has_descriptors)
                            return HostChanged();
                        has_descriptors = true;
                        return DescriptorsCame();
                    case 5:
                        if (!runs)
                            return CommandReady();
                        if (is_pid1) {
                            hear(signal);
                            return process::SignalCame{signal};
                        }
                        return process::CommandEnded{ExitStatus::exited(static_cast<int>(what))};
                    default:
                        return TimePassed();
                }
            };
            bool was_told = false;
            for (int step = 0; step < 30; ++step) {
                now += std::chrono::seconds(chance() % 4);
                const unsigned what = chance() % 7;
                const bool is_due = plan->next_time() && *plan->next_time() <= now;
                if (what == 6 && !is_due)
                    continue;
                perform(plan->take(draw(what, drawn[chance() % 7]), now));
                BOOST_TEST(starts <= 1);
                BOOST_TEST(ends == finished);
                BOOST_TEST(finished <= 1);
                BOOST_TEST(plan->was_told_to_end() >= was_told);
                BOOST_TEST((plan->was_told_to_quit(now) >= plan->was_told_to_end()));
                was_told = plan->was_told_to_end();
                BOOST_TEST(plan->command_goes_on(now)
                           == (starts == 1 && finished == 0 && !plan->was_told_to_quit(now)));
                BOOST_TEST((!plan->next_time() || *plan->next_time() <= now + 10s));
                if (finished != 0 && was_idle)
                    BOOST_TEST(result == ExitStatus::exited(0));
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
