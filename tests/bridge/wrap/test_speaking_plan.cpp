#include "bridge/wrap/speaking_plan.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <random>

#include "base/util/time_span.hpp"

namespace notifybridge::wrap {

using process::ExitStatus;
using Kind = SpeakingPlan::Action::Kind;
using Actions = SpeakingPlan::Actions;
using util::Severity;
using namespace std::chrono_literals;

std::ostream& operator<<(std::ostream& out, const SpeakingPlan::Action& action) {
    out << static_cast<int>(action.kind) << '(';
    for (const std::string& text : action.texts)
        out << text << ' ';
    return out << static_cast<int>(action.severity) << ' ' << static_cast<int>(action.hook) << ' '
               << action.signal << ')';
}

std::ostream& operator<<(std::ostream& out, const Actions& actions) {
    for (const auto& action : actions)
        out << action << ' ';
    return out;
}

namespace {

Actions say(std::vector<std::string> texts) {
    return {{Kind::say, std::move(texts)}};
}

Actions log(Severity severity, std::string text) {
    return {{Kind::log, {std::move(text)}, severity}};
}

Actions hook(HookState state) {
    return {{Kind::run_hook, {}, Severity::error, state}};
}

Actions end_command(int signal) {
    return {{Kind::end_command, {}, Severity::error, HookState::ready, signal}};
}

Actions operator+(Actions first, const Actions& then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
}

const Actions nothing;
const Actions open_gate = {{Kind::open_gate}};
const Actions up = hook(HookState::ready) + Actions{{Kind::watch_life}};
const Actions is_ready = log(Severity::info, "the command is ready") + open_gate;
const Actions stopping = hook(HookState::stopping);

SpeakingPlan::Options with_conditions() {
    SpeakingPlan::Options options;
    options.has_conditions = true;
    options.timeout = 3s;
    return options;
}

struct Speech : SpeakingPlan {
    explicit Speech(Options options = with_conditions()) : SpeakingPlan(std::move(options)) {}

    Actions hear(std::string_view text) { return heard(*notify::parse(text)); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(speaking_plan)

BOOST_AUTO_TEST_CASE(without_conditions_ready_1_of_the_command_counts) {
    Speech speech{SpeakingPlan::Options()};
    BOOST_TEST(speech.hear("STATUS=begins") == nothing);
    BOOST_TEST(speech.hear("READY=1") == up);
    BOOST_TEST(speech.hear("READY=1") == nothing);
    BOOST_TEST(speech.ended(ExitStatus::exited(3), false, "") == stopping);
    BOOST_TEST((speech.end() == ExitStatus::exited(3)));
}

BOOST_AUTO_TEST_CASE(without_conditions_a_command_may_end_before_it_is_ready) {
    Speech speech{SpeakingPlan::Options()};
    BOOST_TEST(speech.ended(ExitStatus::exited(0), false, "") == stopping);
    BOOST_TEST((speech.end() == ExitStatus::exited(0)));
}

BOOST_AUTO_TEST_CASE(stopping_1_of_the_command_runs_the_hook) {
    BOOST_TEST(Speech().hear("STOPPING=1") == stopping);
    BOOST_TEST(Speech{SpeakingPlan::Options()}.hear("READY=1\nSTOPPING=1") == up + stopping);
}

BOOST_AUTO_TEST_CASE(ready_1_is_sent_once_when_all_conditions_are_met) {
    Speech speech;
    BOOST_TEST(speech.hear("READY=1") == nothing);
    BOOST_TEST(speech.conditions_hold() == is_ready + say({"READY=1"}) + up);
    BOOST_TEST(speech.hear("READY=1") == nothing);
    BOOST_TEST(speech.conditions_hold() == nothing);
}

BOOST_AUTO_TEST_CASE(ready_1_of_the_command_may_complete_the_conditions) {
    Speech speech;
    BOOST_TEST(speech.own_ready_is_last() == open_gate);
    BOOST_TEST(speech.hear("STATUS=a\nREADY=1") == is_ready + up);
}

BOOST_AUTO_TEST_CASE(the_status_of_waiting_is_removed_at_readiness) {
    Speech speech;
    BOOST_TEST(speech.waiting("waiting for it", true)
               == log(Severity::info, "still waiting for it") + say({"STATUS=waiting for it"}));
    BOOST_TEST(speech.conditions_hold() == is_ready + say({"READY=1", "STATUS="}) + up);
    Speech told;
    told.waiting("waiting for it", true);
    told.own_ready_is_last();
    BOOST_TEST(told.hear("READY=1") == is_ready + say({"STATUS="}) + up);
}

BOOST_AUTO_TEST_CASE(the_ready_status_replaces_the_status_of_waiting) {
    auto options = with_conditions();
    options.ready_status = "up";
    Speech speech(options);
    speech.waiting("waiting for it", true);
    BOOST_TEST(speech.conditions_hold() == is_ready + say({"READY=1", "STATUS=up"}) + up);
    Speech told(options);
    told.hear("STATUS=own");
    told.own_ready_is_last();
    BOOST_TEST(told.hear("READY=1") == is_ready + say({"STATUS=up"}) + up);
}

BOOST_AUTO_TEST_CASE(a_status_that_the_command_sends_is_not_replaced) {
    Speech speech;
    speech.waiting("waiting for it", true);
    BOOST_TEST(speech.hear("STATUS=own") == nothing);
    BOOST_TEST(speech.waiting("waiting for it", true)
               == log(Severity::info, "still waiting for it"));
    BOOST_TEST(speech.conditions_hold() == is_ready + say({"READY=1"}) + up);
}

BOOST_AUTO_TEST_CASE(an_unhealthy_status_is_not_replaced_while_waiting) {
    Speech speech;
    speech.became_unhealthy("refused");
    BOOST_TEST(speech.waiting("waiting for it", true)
               == log(Severity::info, "still waiting for it"));
    speech.became_healthy();
    BOOST_TEST(speech.waiting("waiting for it", true)
               == log(Severity::info, "still waiting for it") + say({"STATUS=waiting for it"}));
}

BOOST_AUTO_TEST_CASE(no_status_of_waiting_is_sent_without_room_in_the_outlet) {
    Speech speech;
    BOOST_TEST(speech.waiting("waiting", false) == log(Severity::info, "still waiting"));
    BOOST_TEST(speech.conditions_hold() == is_ready + say({"READY=1"}) + up);
}

BOOST_AUTO_TEST_CASE(the_start_is_extended_by_the_given_time) {
    auto options = with_conditions();
    options.timeout = util::infinity;
    BOOST_TEST(Speech(options).started() == nothing);
    options.extension = 5s;
    BOOST_TEST(Speech(options).started() == say({"EXTEND_TIMEOUT_USEC=5000000"}));
    // The requested time includes time for the command's end and for the report about this end.
    options.timeout = 10s;
    BOOST_TEST(Speech(options).started() == say({"EXTEND_TIMEOUT_USEC=25000000"}));
    options.extension = 60s;
    BOOST_TEST(Speech(options).started() == say({"EXTEND_TIMEOUT_USEC=60000000"}));
}

BOOST_AUTO_TEST_CASE(progress_extends_the_start_at_a_limited_rate) {
    auto options = with_conditions();
    options.extension = 5s;
    Speech speech(options);
    const Actions more = say({"EXTEND_TIMEOUT_USEC=5000000"});
    BOOST_TEST(speech.progressed(0s) == more);
    BOOST_TEST(speech.progressed(99ms) == nothing);
    BOOST_TEST(speech.progressed(100ms) == more);
    BOOST_TEST(speech.progressed(150ms) == nothing);
    BOOST_TEST(speech.progressed(10s) == more);
    BOOST_TEST(Speech().progressed(10s) == nothing);
}

BOOST_AUTO_TEST_CASE(a_command_that_is_not_ready_in_time_is_ended) {
    Speech speech;
    const std::string text = "not ready within 3s (--ready-timeout): waiting for it";
    BOOST_TEST(speech.timed_out("waiting for it")
               == log(Severity::error, text + " [ready-timeout]") + say({"STATUS=" + text})
                      + end_command(SIGTERM));
    BOOST_TEST(speech.ended(ExitStatus::killed(SIGTERM), false, "waiting for it") == stopping);
    BOOST_TEST((speech.end() == ExitStatus::exited(124)));
}

BOOST_AUTO_TEST_CASE(a_command_that_ends_before_readiness_has_failed) {
    Speech speech;
    const std::string text = "ended before it was ready: exited with status 0, waiting for it";
    const Actions said =
        log(Severity::error, "the command " + text + " [ended-early]") + say({"STATUS=" + text});
    BOOST_TEST(speech.ended(ExitStatus::exited(0), false, "waiting for it") == said + stopping);
    BOOST_TEST((speech.end() == ExitStatus::exited(1)));
    Speech failed;
    failed.ended(ExitStatus::exited(3), false, "");
    BOOST_TEST((failed.end() == ExitStatus::exited(3)));
}

SpeakingPlan::Options with_reloads() {
    SpeakingPlan::Options options = with_conditions();
    options.reports_reloads = true;
    return options;
}

const Actions reload_begins =
    say({"RELOADING=1", "MONOTONIC_USEC=7"}) + Actions{{Kind::watch_reload}};
const Actions reload_ends = log(Severity::info, "the command has reloaded") + say({"READY=1"});

BOOST_AUTO_TEST_CASE(a_reload_is_reported_for_a_command_that_does_not) {
    SpeakingPlan plan(with_reloads());
    BOOST_TEST(plan.reload_asked(7) == nothing);
    plan.conditions_hold();
    BOOST_TEST(plan.reload_asked(7) == reload_begins);
    BOOST_TEST(plan.is_reloading());
    BOOST_TEST(plan.waiting("waiting for it", true)
               == log(Severity::info, "still waiting for it") + say({"STATUS=waiting for it"}));
    BOOST_TEST(plan.reload_is_over() == reload_ends + say({"STATUS="}));
    BOOST_TEST(plan.reload_is_over() == nothing);
    BOOST_TEST(plan.reload_asked(7) == reload_begins);
    BOOST_TEST(plan.reload_is_over() == reload_ends);
}

BOOST_AUTO_TEST_CASE(a_reload_is_left_to_a_command_that_reports_it) {
    for (const char* const text : {"RELOADING=1\nMONOTONIC_USEC=8", "RELOADING=1"}) {
        SpeakingPlan plan(with_reloads());
        plan.conditions_hold();
        BOOST_TEST(plan.reload_asked(7) == reload_begins);
        plan.heard(*notify::parse(text));
        BOOST_TEST(!plan.is_reloading());
        BOOST_TEST(plan.reload_is_over() == nothing);
        BOOST_TEST(plan.reload_asked(9) == nothing);
    }
    // READY=1 of the command ends the reload.
    SpeakingPlan plan(with_reloads());
    plan.conditions_hold();
    plan.reload_asked(7);
    plan.heard(*notify::parse("READY=1"));
    BOOST_TEST(plan.reload_is_over() == nothing);
}

BOOST_AUTO_TEST_CASE(a_reload_is_not_reported_after_the_end_or_without_conditions) {
    SpeakingPlan plan(with_reloads());
    plan.conditions_hold();
    plan.reload_asked(7);
    plan.ended(ExitStatus::exited(0), false, "");
    BOOST_TEST(plan.reload_is_over() == nothing);
    SpeakingPlan other(with_conditions());
    other.conditions_hold();
    BOOST_TEST(other.reload_asked(7) == nothing);
}

BOOST_AUTO_TEST_CASE(a_stop_before_readiness_is_not_a_failure) {
    Speech speech;
    const Actions said =
        log(Severity::warning,
            "a stop was requested before the command was ready: waiting for it; allow more "
            "time if the command is only slow, or check whether --ready-when is right "
            "[stopped-early]");
    BOOST_TEST(speech.ended(ExitStatus::exited(0), true, "waiting for it") == said + stopping);
    BOOST_TEST((speech.end() == ExitStatus::exited(0)));
}

BOOST_AUTO_TEST_CASE(a_ready_command_ends_with_its_status) {
    Speech speech;
    speech.conditions_hold();
    BOOST_TEST(speech.ended(ExitStatus::exited(0), false, "") == stopping);
    BOOST_TEST((speech.end() == ExitStatus::exited(0)));
}

BOOST_AUTO_TEST_CASE(a_command_that_probes_find_dead_is_reported_and_killed) {
    const Actions said =
        log(Severity::error, "no answer") + say({"STATUS=no answer"}) + hook(HookState::dead);
    BOOST_TEST(Speech().found_dead("no answer") == said);
    auto options = with_conditions();
    options.kills_dead = true;
    BOOST_TEST(Speech(options).found_dead("no answer") == said + end_command(SIGKILL));
}

BOOST_AUTO_TEST_CASE(the_status_of_a_revived_command_is_restored) {
    const auto revived = [](const std::string& status) {
        return log(Severity::notice, "the command is alive again") + say({"STATUS=" + status});
    };
    BOOST_TEST(Speech().found_alive_again() == revived(""));
    auto options = with_conditions();
    options.ready_status = "up";
    Speech speech(options);
    speech.conditions_hold();
    BOOST_TEST(speech.found_alive_again() == revived("up"));
    speech.hear("STATUS=own");
    BOOST_TEST(speech.found_alive_again() == revived("own"));
}

BOOST_AUTO_TEST_CASE(a_revived_command_gets_back_its_latest_status) {
    auto options = with_conditions();
    options.ready_status = "up";
    Speech speech(options);
    speech.hear("STATUS=loading");
    speech.conditions_hold();
    speech.found_dead("no answer");
    BOOST_TEST(speech.found_alive_again()
               == log(Severity::notice, "the command is alive again") + say({"STATUS=up"}));
}

BOOST_AUTO_TEST_CASE(a_problem_stays_in_the_status_when_another_problem_ends) {
    Speech speech;
    speech.found_dead("no answer");
    speech.became_unhealthy("refused");
    BOOST_TEST(speech.became_healthy()
               == log(Severity::notice, "the command is healthy again")
                      + say({"STATUS=no answer"}));
    speech.became_unhealthy("refused");
    BOOST_TEST(speech.found_alive_again()
               == log(Severity::notice, "the command is alive again")
                      + say({"STATUS=unhealthy: refused"}));
}

BOOST_AUTO_TEST_CASE(an_unhealthy_command_is_reported_until_a_check_succeeds) {
    const auto recovered = [](const std::string& status) {
        return log(Severity::notice, "the command is healthy again") + say({"STATUS=" + status});
    };
    const Actions reported =
        log(Severity::error, "unhealthy: refused [unhealthy]") + say({"STATUS=unhealthy: refused"});
    Speech speech;
    BOOST_TEST(speech.became_healthy() == nothing);
    speech.conditions_hold();
    BOOST_TEST(speech.became_unhealthy("refused") == reported);
    BOOST_TEST(speech.became_healthy() == recovered(""));
    BOOST_TEST(speech.became_healthy() == nothing);
    speech.hear("STATUS=own");
    BOOST_TEST(speech.became_unhealthy("refused") == reported);
    BOOST_TEST(speech.became_healthy() == recovered("own"));
    BOOST_TEST(speech.became_unhealthy("")
               == log(Severity::error, "unhealthy [unhealthy]") + say({"STATUS=unhealthy"}));
}

BOOST_AUTO_TEST_CASE(the_ready_status_returns_only_after_readiness) {
    auto options = with_conditions();
    options.ready_status = "up";
    Speech speech(options);
    speech.became_unhealthy("refused");
    BOOST_TEST(speech.became_healthy().back() == say({"STATUS="}).back());
    speech.conditions_hold();
    speech.became_unhealthy("refused");
    BOOST_TEST(speech.became_healthy().back() == say({"STATUS=up"}).back());
}

BOOST_AUTO_TEST_CASE(an_unhealthy_command_that_dies_is_reported_once) {
    BOOST_TEST(Speech().died() == hook(HookState::dead));
    auto options = with_conditions();
    options.kills_dead = true;
    BOOST_TEST(Speech(options).died() == hook(HookState::dead) + end_command(SIGKILL));
}

BOOST_AUTO_TEST_CASE(the_start_is_extended_by_the_health_checks_time) {
    auto options = with_conditions();
    options.timeout = util::infinity;
    options.health_start = 100s;
    BOOST_TEST(Speech(options).started() == say({"EXTEND_TIMEOUT_USEC=100000000"}));
    options.extension = 200s;
    BOOST_TEST(Speech(options).started() == say({"EXTEND_TIMEOUT_USEC=200000000"}));
}

BOOST_AUTO_TEST_CASE(a_default_health_check_does_not_turn_success_into_failure) {
    auto options = with_conditions();
    options.is_by_default = true;
    options.condition = "the health check";
    Speech speech(options);
    BOOST_TEST(speech.ended(ExitStatus::exited(0), false, "waiting") == stopping);
    BOOST_TEST((speech.end() == ExitStatus::exited(0)));
    Speech failed(options);
    const std::string text = "ended before it was ready: exited with status 3, waiting";
    BOOST_TEST(failed.ended(ExitStatus::exited(3), false, "waiting")
               == log(Severity::error, "the command " + text + " [ended-early]")
                      + say({"STATUS=" + text}) + stopping);
    Speech told(options);
    BOOST_TEST(told.ended(ExitStatus::exited(0), true, "waiting").front().texts.front()
               == "a stop was requested before the command was ready: waiting; allow more time "
                  "if the command is only slow, or check whether the health check is right [stopped-early]");
}

BOOST_AUTO_TEST_CASE(each_random_history_has_at_most_one_ready_1) {
    for (unsigned seed = 0; seed < 5'000; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            std::mt19937 chance(seed);
            auto options = with_conditions();
            options.has_conditions = chance() % 4 != 0;
            options.extension = 1s;
            Speech speech(options);
            bool gate_is_open = !options.has_conditions;
            bool is_ready = false;
            bool holds = gate_is_open;
            int said = 0;
            int hooks = 0;
            const auto look_at = [&](const Actions& actions) {
                for (const auto& action : actions) {
                    gate_is_open = gate_is_open || action.kind == Kind::open_gate;
                    said += static_cast<int>(std::ranges::count(action.texts, "READY=1"));
                    is_ready = is_ready || action.kind == Kind::watch_life;
                    hooks += action.kind == Kind::run_hook && action.hook == HookState::ready;
                }
            };
            for (int step = 0; step < 30; ++step) {
                const bool is_last = !holds && chance() % 10 == 0;
                holds = holds || is_last;
                switch (chance() % 4) {
                    case 0:
                        if (is_last)
                            look_at(speech.own_ready_is_last());
                        said += gate_is_open && !is_ready;
                        look_at(speech.hear("READY=1"));
                        break;
                    case 1:
                        look_at(speech.hear("STATUS=own"));
                        [[fallthrough]];
                    case 2:
                        look_at(speech.waiting("waiting", chance() % 2 == 0));
                        look_at(speech.progressed(std::chrono::milliseconds(step)));
                        [[fallthrough]];
                    default:
                        if (is_last)
                            look_at(speech.conditions_hold());
                }
                BOOST_TEST(said == (is_ready ? 1 : 0));
                BOOST_TEST(hooks == said);
                BOOST_TEST(gate_is_open == (is_ready || !options.has_conditions));
            }
            look_at(speech.ended(ExitStatus::exited(0), false, ""));
            BOOST_TEST(speech.end().success() == (is_ready || !options.has_conditions));
            BOOST_TEST(said <= 1);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
