#include "bridge/wait/wait_plan.hpp"

#include <signal.h>

#include <algorithm>
#include <array>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <random>
#include <string>

#include "bridge/channel/signal_list.hpp"

namespace notifybridge::wait {

using process::ExitStatus;
using util::Severity;
using Kind = WaitPlan::Action::Kind;
using namespace std::chrono_literals;

namespace {

using Actions = WaitPlan::Actions;

Actions command(int signal) {
    return {{Kind::signal_command, signal}};
}

Actions run(int signal) {
    return {{Kind::signal_run, signal}};
}

Actions log(Severity severity, std::string text) {
    return {{Kind::log, 0, {}, severity, std::move(text)}};
}

Actions finish(ExitStatus status) {
    return {{Kind::finish, 0, status}};
}

Actions operator+(Actions first, const Actions& then) {
    first.insert(first.end(), then.begin(), then.end());
    return first;
}

const Actions nothing;
const Actions end_run = run(SIGTERM) + run(SIGCONT);
const Actions limit = {{Kind::limit_patience}};

/// The warning about a command that failed while its app was still running.
Actions deserted(const std::string& how) {
    return log(Severity::warning,
               "the command " + how
                   + " while the app was still running; `wait` ended the app [command-failed]");
}

const Actions kill_container = {{Kind::kill_container}};
const Actions lift = {{Kind::lift_patience}};
const Actions stuck =
    log(Severity::error,
        "the container did not end although it was killed; if it is paused, unpause it");

Actions unready(const std::string& ended) {
    return log(Severity::error, "READY=1 did not arrive before " + ended + " ended");
}

const Actions late = {{Kind::explain_late}};

Actions lost(const std::string& signal) {
    return log(Severity::warning, "dropping " + signal + ": no app is running");
}

Actions left_alone(int signal) {
    return log(Severity::info, process::signal_name(signal) + ": leaving the container running");
}

const ExitStatus zero = ExitStatus::exited(0);
const ExitStatus one = ExitStatus::exited(1);
const ExitStatus three = ExitStatus::exited(3);
const ExitStatus terminated = ExitStatus::killed(SIGTERM);

WaitPlan::Options with_command() {
    WaitPlan::Options options;
    options.has_command = true;
    options.timeout = WaitPlan::Time::max();
    options.stop_timeout = 10s;
    return options;
}

WaitPlan::Options attached() {
    WaitPlan::Options options = with_command();
    options.has_command = false;
    return options;
}

/// A plan, and the current time.
struct Wait {
    WaitPlan plan;
    WaitPlan::Time now = 1000s;
    bool lives = true;  ///< Whether the run's `wrap` is alive, if there is a run.

    explicit Wait(WaitPlan::Options options, bool begins = true) : plan(options) {
        if (begins)
            BOOST_TEST(plan.begin(now) == nothing);
    }

    WaitPlan::Now look() const { return {now, lives}; }

    Actions signalled(int signal) { return plan.signalled(signal, look()); }
    Actions run_began(WaitPlan::Run traits = {}) {
        lives = true;
        return plan.run_began(traits, look());
    }
    Actions run_ended(std::optional<ExitStatus> end) {
        lives = false;
        return plan.run_ended(end, look());
    }
    Actions command_ended(ExitStatus end, bool by_shared_signal = false) {
        return plan.command_ended(end, look(), by_shared_signal);
    }
    Actions caught_up() { return plan.caught_up(look()); }

    /// Advances the time by `span`. Returns all actions in this time.
    Actions pass(WaitPlan::Time span) {
        const WaitPlan::Time until = now + span;
        Actions done;
        while (plan.next_time() && *plan.next_time() <= until) {
            now = std::max(now, *plan.next_time());
            done = done + plan.time_passed(look());
        }
        now = until;
        return done + plan.time_passed(look());
    }
};

/// A plan with a command whose run is alive.
struct Up : Wait {
    explicit Up(WaitPlan::Options options = with_command()) : Wait(options) {
        BOOST_TEST(run_began() == nothing);
    }
};

/// `podman run -d`: the command has exited with 0, and its run is alive.
struct Detached : Up {
    Detached() {
        BOOST_TEST(command_ended(zero) == nothing);
        BOOST_TEST(caught_up() == nothing);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wait_plan)

BOOST_AUTO_TEST_SUITE(signal_handling)

BOOST_DATA_TEST_CASE(during_a_run_a_signal_goes_to_the_app,
                     boost::unit_test::data::make({SIGHUP, SIGUSR1, SIGUSR2, SIGABRT, SIGCONT,
                                                   SIGWINCH, SIGTSTP, SIGQUIT, SIGINT, SIGTERM}),
                     signal) {
    BOOST_TEST(Up().signalled(signal) == run(signal));
    BOOST_TEST(Detached().signalled(signal) == run(signal));
}

BOOST_DATA_TEST_CASE(outside_a_run_a_signal_goes_to_the_command,
                     boost::unit_test::data::make({SIGHUP, SIGUSR1, SIGABRT, SIGCONT, SIGTERM}),
                     signal) {
    Wait wait(with_command());
    BOOST_TEST(wait.signalled(signal) == command(signal));
    Up up;
    up.run_ended(three);
    BOOST_TEST(up.signalled(signal) == command(signal));
}

BOOST_AUTO_TEST_CASE(each_signal_is_passed_on_as_often_as_it_was_sent) {
    Up wait;
    for (const int signal : {SIGHUP, SIGHUP, SIGTERM, SIGTERM, SIGINT})
        BOOST_TEST(wait.signalled(signal) == run(signal));
}

BOOST_AUTO_TEST_CASE(a_signal_that_the_run_survives_has_no_later_effect) {
    for (const int signal : {SIGHUP, SIGUSR1, SIGABRT, SIGQUIT, SIGCONT}) {
        Up wait;
        wait.signalled(signal);
        BOOST_TEST(wait.pass(1h) == nothing);
    }
}

BOOST_AUTO_TEST_CASE(a_sigquit_that_the_app_survives_does_not_request_a_stop) {
    for (const bool is_survived : {true, false}) {
        Up wait;
        wait.signalled(SIGQUIT);
        BOOST_TEST(wait.pass(is_survived ? 90s : 80s) == nothing);
        BOOST_TEST(wait.run_ended(zero) == nothing);
        BOOST_TEST(wait.pass(1s) == (is_survived ? nothing : command(SIGQUIT)));
        wait.run_began();
        BOOST_TEST(wait.pass(1h) == (is_survived ? nothing : run(SIGQUIT)));
    }
    auto options = attached();
    options.stops_run = options.keeps_attached = true;
    Up kept(options);
    kept.signalled(SIGQUIT);
    kept.pass(90s);
    BOOST_TEST(kept.run_ended(zero) == nothing);
}

BOOST_AUTO_TEST_CASE(the_command_continues_if_its_container_restarts_after_a_signal) {
    Up wait;
    wait.signalled(SIGHUP);
    BOOST_TEST(wait.run_ended(ExitStatus::killed(SIGHUP)) == nothing);
    wait.run_began();
    BOOST_TEST(wait.pass(1h) == nothing);
}

BOOST_AUTO_TEST_CASE(a_command_gets_the_signal_a_second_after_its_run_ends) {
    Up wait;
    wait.signalled(SIGINT);
    BOOST_TEST(wait.pass(3s) == nothing);
    BOOST_TEST(wait.run_ended(terminated) == nothing);
    BOOST_TEST(wait.pass(999ms) == nothing);
    BOOST_TEST(wait.pass(1ms) == command(SIGINT));
    BOOST_TEST(wait.pass(5s) == nothing);
    BOOST_TEST(wait.pass(1s) == command(SIGKILL));
    BOOST_TEST(wait.command_ended(ExitStatus::killed(SIGKILL)) == limit);
    BOOST_TEST(wait.caught_up() == finish(ExitStatus::killed(SIGKILL)));
}

BOOST_AUTO_TEST_CASE(a_command_gets_the_signal_only_once) {
    Up wait;
    wait.signalled(SIGTERM);
    wait.run_ended(terminated);
    BOOST_TEST(wait.signalled(SIGTERM) == command(SIGTERM));
    BOOST_TEST(wait.pass(2s) == nothing);
}

BOOST_AUTO_TEST_CASE(the_status_of_a_command_that_ends_without_a_signal_counts) {
    Up wait;
    wait.signalled(SIGTERM);
    wait.run_ended(terminated);
    BOOST_TEST(wait.command_ended(three) == limit);
    BOOST_TEST(wait.pass(2s) == nothing);
    BOOST_TEST(wait.caught_up() == finish(three));
}

BOOST_AUTO_TEST_CASE(a_run_that_ignores_a_stop_is_killed_before_its_command) {
    Up wait;
    wait.signalled(SIGTERM);
    BOOST_TEST(wait.pass(9999ms) == nothing);
    BOOST_TEST(wait.pass(1ms) == run(SIGKILL));
    BOOST_TEST(wait.pass(9999ms) == nothing);
    BOOST_TEST(wait.pass(1ms) == command(SIGKILL));
    wait.command_ended(ExitStatus::killed(SIGKILL));
    BOOST_TEST(wait.caught_up() == nothing);
    BOOST_TEST(wait.pass(10s) == stuck + finish(ExitStatus::killed(SIGKILL)));
}

BOOST_AUTO_TEST_CASE(the_manager_kills_a_container_that_does_not_end) {
    auto options = with_command();
    options.can_kill_container = true;
    Wait wait(options);
    wait.run_began();
    wait.signalled(SIGTERM);
    BOOST_TEST(wait.pass(10s) == run(SIGKILL));
    BOOST_TEST(wait.pass(4999ms) == nothing);
    BOOST_TEST(wait.pass(1ms) == kill_container);
    BOOST_TEST(wait.pass(9999ms) == nothing);
    BOOST_TEST(wait.pass(1ms) == command(SIGKILL));
    wait.command_ended(ExitStatus::killed(SIGKILL));
    BOOST_TEST(wait.caught_up() == nothing);
    BOOST_TEST(wait.pass(10s) == stuck + finish(ExitStatus::killed(SIGKILL)));
}

BOOST_AUTO_TEST_CASE(a_container_killed_by_its_manager_gives_status_137) {
    auto options = with_command();
    options.can_kill_container = true;
    Wait wait(options);
    wait.run_began();
    wait.signalled(SIGTERM);
    wait.pass(15s);
    wait.run_ended(std::nullopt);
    BOOST_TEST(wait.command_ended(ExitStatus::exited(137)) == limit);
    BOOST_TEST(wait.caught_up() == finish(ExitStatus::exited(137)));
}

BOOST_AUTO_TEST_CASE(a_manager_that_cannot_kill_a_container_adds_no_delay) {
    auto options = with_command();
    options.can_kill_container = true;
    Wait wait(options);
    wait.run_began();
    wait.signalled(SIGTERM);
    wait.pass(10s);
    BOOST_TEST(wait.pass(5s) == kill_container);
    BOOST_TEST(wait.plan.manager_answered(false, wait.look()) == command(SIGKILL));
    BOOST_TEST(wait.plan.manager_answered(false, wait.look()) == nothing);
}

BOOST_AUTO_TEST_CASE(a_container_that_was_created_but_not_started_is_removed_after_a_stop) {
    auto options = with_command();
    options.can_discard_container = true;
    const auto stopped = [&] {
        Wait wait(options);
        wait.signalled(SIGTERM);
        wait.command_ended(zero);
        return wait;
    };
    Wait answered = stopped();
    BOOST_TEST(answered.caught_up() == Actions({{Kind::discard_container}}));
    BOOST_TEST(answered.pass(9s) == nothing);
    BOOST_TEST(answered.plan.manager_answered(true, answered.look()) == finish(zero));
    Wait failed = stopped();
    failed.caught_up();
    BOOST_TEST(failed.plan.manager_answered(false, failed.look()) == finish(zero));
    Wait unanswered = stopped();
    unanswered.caught_up();
    BOOST_TEST(unanswered.pass(10s) == finish(zero));
    // A daemon may start the container at the same time.
    Wait started = stopped();
    started.caught_up();
    BOOST_TEST(started.run_began() == lift + run(SIGTERM) + run(SIGCONT));
    BOOST_TEST(started.plan.manager_answered(true, started.look()) == nothing);
    BOOST_TEST(started.run_ended(zero) == finish(zero));
}

BOOST_AUTO_TEST_CASE(podman_removes_a_container_that_it_has_started_without_knowing) {
    auto options = with_command();
    options.can_discard_container = true;
    options.manager = runtime::find_manager("podman");
    const Actions discard = {{Kind::discard_container}};
    const auto started = [&] {
        Wait wait(options);
        wait.signalled(SIGTERM);
        wait.run_began();
        wait.command_ended(zero);
        return wait;
    };
    Wait early = started();
    BOOST_TEST(early.caught_up() == run(SIGTERM) + run(SIGCONT));
    BOOST_TEST(early.run_ended(zero) == discard);
    BOOST_TEST(early.plan.manager_answered(true, early.look()) == finish(zero));
    // The run began after the request, and ends before the answer.
    Wait late(options);
    late.signalled(SIGTERM);
    late.command_ended(zero);
    BOOST_TEST(late.caught_up() == discard);
    BOOST_TEST(late.run_began() == lift + run(SIGTERM) + run(SIGCONT));
    BOOST_TEST(late.run_ended(zero) == nothing);
    BOOST_TEST(late.plan.manager_answered(true, late.look()) == finish(zero));
}

BOOST_AUTO_TEST_CASE(podman_has_removed_the_container_of_a_client_that_ended_first) {
    auto options = with_command();
    options.can_discard_container = true;
    options.removes_container = true;
    options.manager = runtime::find_manager("podman");
    const Actions remove = {{Kind::remove_container}};
    // KillMode=control-group: the stop ends the client, too.
    Wait stopped(options);
    stopped.run_began();
    stopped.command_ended(zero);
    stopped.caught_up();
    stopped.signalled(SIGTERM);
    BOOST_TEST(stopped.run_ended(zero) == remove);
    BOOST_TEST(stopped.plan.manager_answered(true, stopped.look()) == finish(zero));
    // On a busy machine, the client may die after the app.
    const auto late_client = [&](ExitStatus run, ExitStatus client) {
        Wait wait(options);
        wait.run_began();
        wait.signalled(SIGTERM);
        wait.run_ended(run);
        wait.command_ended(client);
        return wait.caught_up();
    };
    BOOST_TEST(late_client(ExitStatus::killed(SIGTERM), zero) == remove);
    BOOST_TEST(late_client(zero, zero) == remove);
    BOOST_TEST(late_client(zero, one) == remove);
    BOOST_TEST(late_client(ExitStatus::killed(SIGTERM), ExitStatus::killed(SIGTERM)) == remove);
    // This client has waited for the removal, and knows how the app ended.
    BOOST_TEST(late_client(one, one) == finish(one));
    const ExitStatus as_shell = ExitStatus::exited(128 + SIGTERM);
    BOOST_TEST(late_client(ExitStatus::killed(SIGTERM), as_shell) == finish(as_shell));
    // With --detach, the app may end by itself.
    Wait detached(options);
    detached.run_began();
    detached.command_ended(zero);
    detached.caught_up();
    BOOST_TEST(detached.run_ended(one) == remove);
    BOOST_TEST(detached.plan.manager_answered(false, detached.look()) == finish(one));
    // The manager may hang.
    Wait hanging(options);
    hanging.run_began();
    hanging.command_ended(zero);
    hanging.caught_up();
    hanging.run_ended(one);
    BOOST_TEST(hanging.pass(9s) == nothing);
    BOOST_TEST(hanging.pass(1s) == limit + finish(one));
    // Without --rm, the container stays.
    options.removes_container = false;
    Wait kept(options);
    kept.run_began();
    kept.command_ended(zero);
    kept.caught_up();
    BOOST_TEST(kept.run_ended(one) == finish(one));
}

BOOST_AUTO_TEST_CASE(no_container_is_removed_without_a_stop_or_after_a_run) {
    auto options = with_command();
    options.can_discard_container = true;
    Wait failed(options);
    failed.command_ended(one);
    BOOST_TEST(failed.caught_up() == finish(one));
    Wait ran(options);
    ran.run_began();
    ran.signalled(SIGTERM);
    ran.run_ended(zero);
    ran.command_ended(zero);
    BOOST_TEST(ran.caught_up() == finish(zero));
}

BOOST_AUTO_TEST_CASE(the_manager_kills_nothing_before_a_run_has_begun) {
    auto options = with_command();
    options.can_kill_container = true;
    Wait wait(options);
    wait.signalled(SIGTERM);
    BOOST_TEST(wait.pass(10s) == command(SIGKILL));
}

BOOST_AUTO_TEST_CASE(a_command_that_outlives_its_killed_run_is_killed_after_1_s) {
    Up wait;
    wait.signalled(SIGTERM);
    BOOST_TEST(wait.pass(10s) == run(SIGKILL));
    wait.run_ended(ExitStatus::killed(SIGKILL));
    BOOST_TEST(wait.pass(1s) == command(SIGKILL));
    BOOST_TEST(wait.pass(1h) == stuck + finish(one));
}

BOOST_AUTO_TEST_CASE(a_command_without_a_run_is_killed_if_it_does_not_stop) {
    Wait wait(with_command());
    BOOST_TEST(wait.signalled(SIGTERM) == command(SIGTERM));
    BOOST_TEST(wait.pass(10s) == command(SIGKILL));
}

BOOST_AUTO_TEST_CASE(a_second_stop_signal_does_not_postpone_the_kill) {
    Up wait;
    wait.signalled(SIGTERM);
    wait.pass(9s);
    BOOST_TEST(wait.signalled(SIGINT) == run(SIGINT));
    BOOST_TEST(wait.pass(1s) == run(SIGKILL));
    BOOST_TEST(wait.signalled(SIGTERM) == run(SIGTERM));
}

BOOST_AUTO_TEST_CASE(the_app_may_request_more_time_until_the_kill) {
    Up wait;
    wait.signalled(SIGTERM);
    wait.plan.extend(1min, wait.now);
    BOOST_TEST(wait.pass(59s) == nothing);
    wait.plan.extend(2s, wait.now);
    BOOST_TEST(wait.pass(1s) == nothing);
    BOOST_TEST(wait.pass(1s) == run(SIGKILL));
    wait.plan.extend(1h, wait.now);
    BOOST_TEST(wait.pass(10s) == command(SIGKILL));
}

BOOST_AUTO_TEST_CASE(the_timeout_of_a_stop_may_be_infinite) {
    auto options = with_command();
    options.stop_timeout = WaitPlan::Time::max();
    Up wait(options);
    wait.signalled(SIGTERM);
    BOOST_TEST(wait.pass(1h) == nothing);
    Up other;
    other.signalled(SIGTERM);
    other.plan.extend(WaitPlan::Time::max(), other.now);
    BOOST_TEST(other.pass(1h) == nothing);
}

BOOST_AUTO_TEST_CASE(a_run_begun_during_a_stop_gets_the_signal) {
    Wait wait(with_command());
    BOOST_TEST(wait.signalled(SIGTERM) == command(SIGTERM));
    wait.pass(2s);
    BOOST_TEST(wait.run_began() == nothing);
    BOOST_TEST(wait.pass(1s) == run(SIGTERM));
    BOOST_TEST(wait.pass(2s) == nothing);
    Wait other(with_command());
    other.signalled(SIGTERM);
    other.run_began();
    BOOST_TEST(other.run_ended(terminated) == nothing);
    BOOST_TEST(other.pass(1s) == command(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_command_that_is_wrap_gets_the_signal_once) {
    Wait wait(with_command());
    wait.signalled(SIGTERM);
    WaitPlan::Run itself;
    itself.is_command = true;
    BOOST_TEST(wait.run_began(itself) == nothing);
    BOOST_TEST(wait.pass(9s) == nothing);
    BOOST_TEST(wait.pass(1s) == run(SIGKILL));
}

BOOST_AUTO_TEST_CASE(a_signal_that_kills_the_client_is_sent_to_the_run) {
    Wait wait(with_command());
    wait.signalled(SIGINT);
    wait.run_began();
    BOOST_TEST(wait.command_ended(ExitStatus::killed(SIGINT)) == nothing);
    BOOST_TEST(wait.caught_up() == run(SIGINT) + run(SIGCONT));
    BOOST_TEST(wait.run_ended(terminated) == finish(ExitStatus::killed(SIGINT)));
}

BOOST_AUTO_TEST_CASE(the_run_of_a_killed_client_is_awaited_for_one_second) {
    auto options = with_command();
    options.command_is_client = true;
    for (const bool comes_up : {true, false}) {
        Wait wait(options);
        wait.lives = false;
        BOOST_TEST((wait.signalled(SIGTERM) == command(SIGTERM)));
        BOOST_TEST(wait.command_ended(terminated) == limit);
        BOOST_TEST(wait.caught_up() == nothing);
        BOOST_TEST(wait.pass(900ms) == nothing);
        if (comes_up) {
            BOOST_TEST(wait.run_began() == lift + end_run);
            BOOST_TEST(wait.run_ended(three) == finish(three));
        } else {
            BOOST_TEST(wait.pass(100ms) == finish(terminated));
        }
    }
    // A command that failed by itself leaves no container that may still start.
    Wait failed(options);
    failed.lives = false;
    failed.command_ended(three);
    BOOST_TEST(failed.caught_up() == finish(three));
}

BOOST_AUTO_TEST_CASE(no_run_is_awaited_after_the_end_of_a_virtual_machine) {
    for (const bool is_machine : {false, true}) {
        auto options = with_command();
        options.command_is_machine = is_machine;
        Wait wait(options);
        wait.lives = false;
        wait.command_ended(zero);
        // A client may have detached from its container, which may still start.
        const auto& wanted = is_machine ? finish(zero) : nothing;
        BOOST_TEST(wait.caught_up() == wanted);
    }
}

BOOST_AUTO_TEST_CASE(a_client_that_detaches_does_not_pass_the_signal_on) {
    Wait wait(with_command());
    wait.signalled(SIGTERM);
    wait.command_ended(zero);
    wait.caught_up();
    BOOST_TEST(wait.run_began() == lift + end_run);
    BOOST_TEST(wait.run_ended(terminated) == finish(terminated));
}

BOOST_AUTO_TEST_CASE(a_detached_run_that_begins_after_a_stop_is_ended) {
    Wait wait(with_command());
    wait.lives = false;
    wait.command_ended(zero);
    wait.caught_up();
    BOOST_TEST(wait.signalled(SIGTERM) == nothing);
    BOOST_TEST((wait.signalled(SIGHUP) == lost("SIGHUP")));
    BOOST_TEST(wait.signalled(SIGCONT) == nothing);
    BOOST_TEST(wait.run_began() == lift + end_run);
}

BOOST_AUTO_TEST_CASE(a_dead_run_whose_journal_is_still_read_gets_no_signal) {
    Up wait;
    wait.lives = false;
    BOOST_TEST(wait.signalled(SIGTERM) == command(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_signal_before_the_command_starts_ends_wait) {
    Wait wait(with_command(), false);
    BOOST_TEST(wait.signalled(SIGCONT) == nothing);
    BOOST_TEST(wait.signalled(SIGTERM) == finish(terminated));
    BOOST_TEST(wait.signalled(SIGTERM) == nothing);
}

BOOST_AUTO_TEST_CASE(without_a_command_stop_signals_end_wait) {
    for (const int signal : {SIGHUP, SIGUSR1, SIGABRT, SIGCONT})
        BOOST_TEST(Up(attached()).signalled(signal) == run(signal));
    for (const int signal : {SIGTERM, SIGINT, SIGQUIT})
        BOOST_TEST((Up(attached()).signalled(signal) == left_alone(signal) + finish(zero)));
}

BOOST_AUTO_TEST_CASE(without_command_and_run_a_signal_is_dropped) {
    BOOST_TEST((Wait(attached()).signalled(SIGHUP) == lost("SIGHUP")));
    for (const int signal : {SIGTERM, SIGABRT})
        BOOST_TEST((Wait(attached()).signalled(signal) == left_alone(signal) + finish(zero)));
}

BOOST_AUTO_TEST_CASE(the_option_stop_ends_a_run_that_wait_did_not_start) {
    auto options = attached();
    options.stops_run = options.keeps_attached = true;
    Up wait(options);
    BOOST_TEST(wait.signalled(SIGTERM) == run(SIGTERM));
    BOOST_TEST(wait.pass(10s) == run(SIGKILL));
    BOOST_TEST(wait.run_ended(three) == finish(three));
    Up deaf(options);
    deaf.signalled(SIGTERM);
    BOOST_TEST(deaf.pass(1h) == run(SIGKILL) + stuck + finish(one));
    BOOST_TEST((Wait(options).signalled(SIGTERM) == left_alone(SIGTERM) + finish(zero)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(end_of_wait)

BOOST_AUTO_TEST_CASE(the_status_of_the_command_is_the_result_of_wait) {
    for (const ExitStatus end : {zero, three, terminated, ExitStatus::exited(143)}) {
        Up wait;
        BOOST_TEST(wait.run_ended(three) == nothing);
        BOOST_TEST(wait.command_ended(end) == limit);
        BOOST_TEST(wait.caught_up() == finish(end));
    }
}

BOOST_AUTO_TEST_CASE(without_a_run_the_commands_status_is_the_result) {
    Wait failed(with_command());
    failed.lives = false;
    failed.command_ended(three);
    BOOST_TEST(failed.caught_up() == finish(three));
    Wait done(with_command());
    done.lives = false;
    BOOST_TEST(done.command_ended(zero) == limit);
    BOOST_TEST(done.caught_up() == nothing);
    BOOST_TEST(done.caught_up() == nothing);
    BOOST_TEST(done.pass(1s) == finish(zero));
}

BOOST_AUTO_TEST_CASE(a_detached_run_is_followed_to_its_end) {
    BOOST_TEST(Detached().run_ended(three) == finish(three));
    BOOST_TEST(Detached().run_ended({}) == finish(one));
}

BOOST_AUTO_TEST_CASE(a_run_that_has_begun_lifts_the_time_limit) {
    Wait wait(with_command());
    wait.lives = false;
    BOOST_TEST(wait.command_ended(zero) == limit);
    BOOST_TEST(wait.caught_up() == nothing);
    BOOST_TEST(wait.run_began() == lift);
    // The run has ended, and its last messages are on their way.
    wait.lives = false;
    wait.signalled(SIGTERM);
    BOOST_TEST(wait.pass(10s) == limit);
    BOOST_TEST(wait.run_ended(three) == finish(three));
}

BOOST_AUTO_TEST_CASE(a_run_that_is_already_dead_does_not_lift_the_limit) {
    Wait wait(with_command());
    wait.lives = false;
    BOOST_TEST(wait.command_ended(zero) == limit);
    BOOST_TEST(wait.plan.run_began({}, wait.look()) == nothing);
}

BOOST_AUTO_TEST_CASE(a_run_is_ended_if_the_command_failed) {
    for (const ExitStatus end : {three, terminated}) {
        Up wait;
        BOOST_TEST(wait.command_ended(end) == nothing);
        BOOST_TEST(wait.caught_up() == end_run);
        BOOST_TEST(wait.caught_up() == nothing);
        BOOST_TEST(wait.pass(10s) == run(SIGKILL));
        BOOST_TEST(wait.run_ended(ExitStatus::killed(SIGKILL))
                   == deserted(process::describe(end)) + finish(end));
    }
    // The run may have ended before the command, although the plan learned of the run's end later.
    Up late;
    late.command_ended(three);
    late.caught_up();
    BOOST_TEST(late.run_ended(three) == finish(three));
    const ExitStatus hung_up = ExitStatus::killed(SIGHUP);
    Up hangup;
    hangup.signalled(SIGHUP);
    hangup.command_ended(hung_up);
    hangup.caught_up();
    BOOST_TEST(hangup.run_ended(hung_up) == finish(hung_up));
}

BOOST_AUTO_TEST_CASE(a_failed_client_counts_although_the_app_succeeds) {
    WaitPlan::Options options = with_command();
    options.command_is_client = true;
    options.manager = runtime::find_manager("podman");
    for (const ExitStatus end : {ExitStatus::killed(SIGKILL), ExitStatus::exited(127)}) {
        Up wait(options);
        wait.command_ended(end);
        wait.caught_up();
        BOOST_TEST(wait.run_ended(zero) == deserted(process::describe(end)) + finish(end));
    }
}

BOOST_AUTO_TEST_CASE(a_signal_that_ended_the_run_also_reaches_a_command_that_stays) {
    for (const ExitStatus end : {ExitStatus::killed(SIGHUP), ExitStatus::exited(128 + SIGHUP)}) {
        Up wait;
        BOOST_TEST(wait.signalled(SIGHUP) == run(SIGHUP));
        BOOST_TEST(wait.run_ended(end) == nothing);
        BOOST_TEST(wait.pass(1s) == command(SIGHUP));
    }
    // The app may end for another reason, or by a signal of its own much later.
    Up other;
    other.signalled(SIGHUP);
    other.run_ended(three);
    BOOST_TEST(other.pass(1s) == nothing);
    Up later;
    later.signalled(SIGHUP);
    later.pass(1h);
    later.run_ended(ExitStatus::killed(SIGHUP));
    BOOST_TEST(later.pass(1s) == nothing);
    // Only the app hangs.
    Up hangs;
    hangs.signalled(SIGABRT);
    hangs.run_ended(ExitStatus::killed(SIGABRT));
    BOOST_TEST(hangs.pass(1s) == nothing);
}

BOOST_AUTO_TEST_CASE(a_signal_that_kills_the_client_does_not_end_the_app) {
    WaitPlan::Options options = with_command();
    options.command_is_client = true;
    for (const ExitStatus end : {zero, three, ExitStatus::killed(SIGHUP)}) {
        Up wait(options);
        // The client's end is reported first.
        wait.command_ended(ExitStatus::killed(SIGHUP), /*by_shared_signal=*/true);
        BOOST_TEST(wait.signalled(SIGHUP) == run(SIGHUP));
        BOOST_TEST(wait.caught_up()
                   == log(Severity::warning,
                          "the command was killed by SIGHUP, and the app goes on without it; in a "
                          "unit, `systemctl kill --kill-whom=main` signals only the app "
                          "[command-ended]"));
        BOOST_TEST(wait.signalled(SIGHUP) == run(SIGHUP));
        BOOST_TEST(wait.run_ended(end) == finish(end));
    }
    Up stopped(options);
    stopped.command_ended(ExitStatus::killed(SIGHUP), /*by_shared_signal=*/true);
    stopped.caught_up();
    BOOST_TEST(stopped.signalled(SIGTERM) == run(SIGTERM));
    BOOST_TEST(stopped.run_ended(terminated) == finish(terminated));
}

BOOST_AUTO_TEST_CASE(another_signal_that_kills_the_command_ends_the_app) {
    WaitPlan::Options client = with_command();
    client.command_is_client = true;
    const auto ends_app = [](const WaitPlan::Options& options, int signal, bool by_shared_signal) {
        Up wait(options);
        wait.command_ended(ExitStatus::killed(signal), by_shared_signal);
        const Actions done = wait.caught_up();
        return std::ranges::find(done, run(SIGTERM).front()) != done.end();
    };
    BOOST_TEST(!ends_app(client, SIGHUP, true));
    BOOST_TEST(ends_app(client, SIGHUP, false));
    BOOST_TEST(ends_app(client, SIGKILL, false));
    BOOST_TEST(ends_app(client, SIGABRT, true));
    BOOST_TEST(ends_app(with_command(), SIGHUP, true));
}

BOOST_AUTO_TEST_CASE(the_status_of_a_manager_stopped_with_wait_is_ignored) {
    // If KillMode=control-group is set, the manager's client also gets the signal. In this case,
    // podman's client exits with 0, and docker's client is killed.
    for (const ExitStatus end : {zero, terminated}) {
        Up wait;
        BOOST_TEST(wait.signalled(SIGTERM) == run(SIGTERM));
        wait.run_ended(three);
        BOOST_TEST(wait.command_ended(end) == limit);
        BOOST_TEST(wait.caught_up() == finish(three));
    }
    Up wait;
    wait.signalled(SIGTERM);
    wait.command_ended(terminated);
    BOOST_TEST(wait.caught_up() == nothing);
    BOOST_TEST(wait.run_ended(three) == finish(three));
}

BOOST_AUTO_TEST_CASE(the_app_has_time_to_end_after_an_abort_of_its_client) {
    WaitPlan::Options options = with_command();
    options.command_is_client = true;
    for (const bool is_late : {false, true}) {
        Up wait(options);
        BOOST_TEST(wait.signalled(SIGABRT) == run(SIGABRT));
        BOOST_TEST(wait.command_ended(ExitStatus::killed(SIGKILL)) == nothing);
        BOOST_TEST(wait.caught_up() == nothing);
        if (is_late)
            BOOST_TEST(wait.pass(10s) == run(SIGKILL));
        else
            BOOST_TEST(wait.run_ended(three) == finish(three));
    }
}

BOOST_AUTO_TEST_CASE(a_client_that_fails_long_after_an_abort_ends_the_run) {
    WaitPlan::Options options = with_command();
    options.command_is_client = true;
    Up wait(options);
    wait.signalled(SIGABRT);
    BOOST_TEST(wait.pass(5s) == nothing);
    BOOST_TEST(wait.command_ended(one) == nothing);
    BOOST_TEST(wait.caught_up() == end_run);
}

BOOST_AUTO_TEST_CASE(any_status_of_a_stopped_manager_is_ignored) {
    auto options = with_command();
    options.command_is_client = true;
    for (const bool run_ends_first : {true, false}) {
        Up wait(options);
        wait.signalled(SIGTERM);
        if (run_ends_first)
            wait.run_ended(zero);
        // podman 5's client exits with 1 in this case.
        wait.command_ended(one);
        if (run_ends_first) {
            BOOST_TEST(wait.caught_up() == finish(zero));
        } else {
            BOOST_TEST(wait.caught_up() == nothing);
            BOOST_TEST(wait.run_ended(zero) == finish(zero));
        }
    }
    // The status of a client that detached does not count, because the client did not see the end.
    Up detached(options);
    detached.run_ended(three);
    detached.command_ended(zero);
    BOOST_TEST(detached.caught_up() == finish(three));
    // The client's status counts if no end was requested. It also counts if the run broke off.
    Up failed(options);
    failed.run_ended(zero);
    failed.command_ended(one);
    BOOST_TEST(failed.caught_up() == finish(one));
    Up broken(options);
    broken.signalled(SIGTERM);
    broken.run_ended({});
    broken.command_ended(one);
    BOOST_TEST(broken.caught_up() == finish(one));
}

BOOST_AUTO_TEST_CASE(the_runs_end_counts_if_podman_then_exits_with_127) {
    const auto not_found = ExitStatus::exited(127);
    auto options = with_command();
    options.manager = runtime::find_manager("podman");
    for (const int signal : {0, SIGTERM}) {
        Up wait(options);
        if (signal != 0)
            wait.signalled(signal);
        wait.run_ended(terminated);
        wait.command_ended(not_found);
        BOOST_TEST(wait.caught_up() == finish(terminated));
    }
    // Another status is the app's own.
    Up failed(options);
    failed.run_ended(zero);
    failed.command_ended(three);
    BOOST_TEST(failed.caught_up() == finish(three));
    // Without the end of a run, podman's status is all that is known.
    Up broken(options);
    broken.run_ended({});
    broken.command_ended(not_found);
    BOOST_TEST(broken.caught_up() == finish(not_found));
    // Another program may have its own reason for this status.
    Up other;
    other.signalled(SIGTERM);
    other.run_ended(zero);
    other.command_ended(not_found);
    BOOST_TEST(other.caught_up() == finish(not_found));
}

// docker's client ended at the signal, and the next start found the name of the container in use.
BOOST_AUTO_TEST_CASE(a_container_manager_has_5_s_to_remove_its_ended_container) {
    auto options = with_command();
    for (const auto manager : {"podman", "docker", "nerdctl"}) {
        options.manager = runtime::find_manager(manager);
        Up wait(options);
        wait.signalled(SIGTERM);
        wait.run_ended(zero);
        BOOST_TEST(wait.pass(4900ms) == nothing);
        BOOST_TEST((wait.pass(100ms) == command(SIGTERM)));
    }
}

BOOST_AUTO_TEST_CASE(a_run_that_broke_off_does_not_count_as_a_success) {
    const auto end_after_break = [](ExitStatus end, int signal) {
        Up wait;
        if (signal != 0)
            wait.signalled(signal);
        wait.run_ended({});
        wait.command_ended(end);
        return wait.caught_up();
    };
    BOOST_TEST(end_after_break(zero, 0) == finish(one));
    BOOST_TEST(end_after_break(three, 0) == finish(three));
    BOOST_TEST(end_after_break(ExitStatus::exited(137), 0) == finish(ExitStatus::exited(137)));
    BOOST_TEST(end_after_break(terminated, 0) == finish(terminated));
    // systemd would treat the status SIGTERM as a clean stop.
    BOOST_TEST(end_after_break(terminated, SIGTERM) == finish(one));
    BOOST_TEST(end_after_break(ExitStatus::exited(143), SIGTERM) == finish(one));
    BOOST_TEST(end_after_break(terminated, SIGHUP) == finish(terminated));
    // The next run ended as requested.
    Up wait;
    wait.run_ended({});
    wait.run_began();
    wait.run_ended(zero);
    wait.command_ended(zero);
    BOOST_TEST(wait.caught_up() == finish(zero));
}

BOOST_AUTO_TEST_CASE(the_command_ends_several_containers_in_its_own_order) {
    auto options = with_command();
    options.has_members = true;
    Up wait(options);
    BOOST_TEST(wait.signalled(SIGHUP) == run(SIGHUP));
    BOOST_TEST(wait.signalled(SIGTERM) == command(SIGTERM));
    BOOST_TEST(wait.command_ended(zero) == nothing);
    BOOST_TEST(wait.caught_up() == end_run);
    BOOST_TEST(wait.run_ended(terminated) == finish(terminated));
    // A run that lives too long is killed, as with a single container.
    Up stuck_one(options);
    stuck_one.signalled(SIGTERM);
    BOOST_TEST(stuck_one.pass(10s) == run(SIGKILL));
    options.has_command = false;
    options.stops_run = true;
    BOOST_TEST(Up(options).signalled(SIGTERM) == run(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_failed_container_counts_although_the_command_succeeds) {
    auto options = with_command();
    options.has_members = true;
    for (const auto& [run_end, wanted] : {std::pair(std::optional(three), three),
                                          {std::optional(zero), zero},
                                          {std::nullopt, one}}) {
        Up wait(options);
        wait.run_ended(run_end);
        wait.command_ended(zero);
        BOOST_TEST(wait.caught_up() == finish(wanted));
    }
    Up wait(options);
    wait.run_ended(zero);
    wait.command_ended(three);
    BOOST_TEST(wait.caught_up() == finish(three));
}

BOOST_AUTO_TEST_CASE(without_a_command_the_status_of_the_run_is_the_result) {
    BOOST_TEST(Up(attached()).run_ended(three) == finish(three));
    BOOST_TEST(Up(attached()).run_ended(terminated) == finish(terminated));
    BOOST_TEST(Up(attached()).run_ended({}) == finish(one));
    BOOST_TEST(Wait(attached()).caught_up() == nothing);
}

BOOST_AUTO_TEST_CASE(the_option_keep_awaits_a_run_unless_stopping_1_was_sent) {
    auto options = attached();
    options.keeps_attached = true;
    Up wait(options);
    BOOST_TEST(wait.run_ended({}) == nothing);
    BOOST_TEST((wait.signalled(SIGTERM) == left_alone(SIGTERM) + finish(zero)));
    Up stopping(options);
    BOOST_TEST(stopping.run_ended(three) == nothing);
    BOOST_TEST(stopping.run_began() == nothing);
    BOOST_TEST(stopping.plan.said_stopping() == nothing);
    BOOST_TEST(stopping.run_ended(three) == finish(three));
}

BOOST_AUTO_TEST_CASE(a_run_that_begins_after_stopping_1_is_ended) {
    Up wait;
    wait.plan.said_stopping();
    BOOST_TEST(wait.run_ended(zero) == nothing);
    BOOST_TEST(wait.pass(1h) == nothing);  // The command may have other work to do.
    BOOST_TEST(wait.run_began() == Actions{{Kind::mute_run}} + end_run);
    BOOST_TEST(wait.run_ended(zero) == nothing);
    BOOST_TEST(wait.pass(1s) == command(SIGTERM));
    // Another member may end and come again.
    WaitPlan::Options several = with_command();
    several.has_members = true;
    Up member(several);
    member.plan.said_stopping();
    member.run_ended(zero);
    BOOST_TEST(member.run_began() == command(SIGTERM) + run(SIGCONT));
}

BOOST_AUTO_TEST_CASE(a_run_that_another_program_started_is_ended) {
    const auto refuse =
        log(Severity::error,
            "another program has started the container again, as `podman restart` and `docker "
            "restart` do; ending it: restart the unit instead [started-again]")
        + end_run;
    WaitPlan::Options options = with_command();
    options.expects_one_run = true;
    Up wait(options);
    BOOST_TEST(wait.run_ended(zero) == nothing);
    BOOST_TEST(wait.run_began() == refuse);
    BOOST_TEST(wait.run_ended(zero) == nothing);
    BOOST_TEST(wait.pass(1s) == command(SIGTERM));
    BOOST_TEST(wait.command_ended(zero) == limit);
    BOOST_TEST(wait.caught_up() == finish(one));
    Up stopping(options);
    stopping.plan.said_stopping();
    stopping.run_ended(zero);
    BOOST_TEST(stopping.run_began() == refuse);
    // A leftover run and podman's --restart= are followed by another run.
    Wait after_leftover(options);
    BOOST_TEST(after_leftover.run_began({.is_leftover = true}) == nothing);
    BOOST_TEST(after_leftover.run_ended(zero) == nothing);
    BOOST_TEST(after_leftover.run_began() == nothing);
    Up restarting;
    restarting.run_ended(zero);
    BOOST_TEST(restarting.run_began() == nothing);
}

BOOST_AUTO_TEST_CASE(stopping_1_of_a_leftover_run_does_not_end_the_next_run) {
    Wait wait(with_command());
    WaitPlan::Run leftover;
    leftover.is_leftover = true;
    wait.run_began(leftover);
    wait.plan.said_stopping();
    wait.run_ended(zero);
    BOOST_TEST(wait.run_began() == nothing);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(readiness)

WaitPlan::Options in_time(WaitPlan::Options options) {
    options.timeout = 1min;
    return options;
}

BOOST_AUTO_TEST_CASE(a_run_or_command_that_is_not_ready_in_time_is_ended) {
    Up wait(in_time(with_command()));
    BOOST_TEST(wait.pass(1min) == late + end_run);
    BOOST_TEST(wait.run_ended(terminated) == nothing);
    wait.command_ended(terminated);
    BOOST_TEST(wait.caught_up() == finish(ExitStatus::exited(124)));
    Wait without_run(in_time(with_command()));
    BOOST_TEST(without_run.pass(1min) == late + command(SIGTERM) + command(SIGCONT));
    BOOST_TEST(without_run.pass(10s) == command(SIGKILL));
    Wait alone(in_time(attached()));
    BOOST_TEST(alone.pass(1min) == late + finish(ExitStatus::exited(124)));
}

BOOST_AUTO_TEST_CASE(a_run_whose_stop_was_requested_need_not_become_ready) {
    auto options = in_time(with_command());
    options.stop_timeout = 1h;
    Up wait(options);
    wait.signalled(SIGTERM);
    BOOST_TEST(wait.pass(30min) == nothing);
    Up asked(options);
    asked.signalled(SIGQUIT);
    BOOST_TEST(asked.pass(1min) == late + end_run);
}

BOOST_AUTO_TEST_CASE(readiness_or_an_extension_prevents_the_timeout) {
    Up ready(in_time(with_command()));
    BOOST_TEST(ready.plan.said_ready() == nothing);
    BOOST_TEST(ready.pass(1h) == nothing);
    Up patient(in_time(with_command()));
    patient.pass(30s);
    patient.plan.extend(2min, patient.now);
    BOOST_TEST(patient.pass(119s) == nothing);
    BOOST_TEST(patient.pass(1s) == late + end_run);
}

BOOST_AUTO_TEST_CASE(a_command_that_has_ended_does_not_time_out) {
    Wait wait(in_time(with_command()));
    wait.lives = false;
    wait.command_ended(three);
    BOOST_TEST(wait.pass(2min) == nothing);
    BOOST_TEST(wait.caught_up() == finish(three));
    // A run that the command left behind may still start, but too late.
    Wait detached(in_time(with_command()));
    detached.pass(59500ms);
    detached.lives = false;
    detached.command_ended(zero);
    BOOST_TEST(detached.pass(500ms) == nothing);
    BOOST_TEST(detached.caught_up() == nothing);
    BOOST_TEST(detached.run_began() == lift);
    BOOST_TEST(detached.pass(1s) == late + end_run);
}

BOOST_AUTO_TEST_CASE(the_first_stop_signal_interrupts_a_start) {
    for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) {
        Up wait;
        BOOST_TEST(!wait.plan.breaks_off_start(SIGHUP));
        BOOST_TEST(wait.plan.breaks_off_start(signal));
        wait.signalled(signal);
        BOOST_TEST(!wait.plan.breaks_off_start(SIGTERM));
    }
    BOOST_TEST(!Wait(with_command(), /*begins=*/false).plan.breaks_off_start(SIGTERM));
    Up ready;
    ready.plan.said_ready();
    BOOST_TEST(!ready.plan.breaks_off_start(SIGTERM));
    Up tardy(in_time(with_command()));
    tardy.pass(1h);
    BOOST_TEST(!tardy.plan.breaks_off_start(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_command_that_got_no_stop_signal_ends_by_itself) {
    Up wait;
    BOOST_TEST(!wait.plan.end_by_itself().has_value());
    wait.signalled(SIGHUP);
    wait.command_ended(three);
    BOOST_TEST((wait.plan.end_by_itself() == three));
    Up told;
    told.signalled(SIGINT);
    told.command_ended(three);
    BOOST_TEST(!told.plan.end_by_itself().has_value());
    Up tardy(in_time(with_command()));
    tardy.pass(1h);
    tardy.command_ended(three);
    BOOST_TEST(!tardy.plan.end_by_itself().has_value());
}

BOOST_AUTO_TEST_CASE(with_until_ready_wait_ends_at_readiness) {
    auto options = with_command();
    options.until_ready = true;
    BOOST_TEST(Up(options).plan.said_ready() == finish(zero));
    for (const auto& [end, wanted] : {std::pair(zero, one), std::pair(three, three)}) {
        Up wait(options);
        wait.run_ended(end);
        wait.command_ended(end);
        BOOST_TEST(wait.caught_up() == unready("the container") + finish(wanted));
        Wait early(options);
        early.command_ended(three);
        BOOST_TEST(early.caught_up() == unready("the command") + finish(three));
    }
    options.timeout = 1min;
    options.has_command = false;
    BOOST_TEST(Wait(options).pass(1min) == late + finish(ExitStatus::exited(124)));
    BOOST_TEST(Wait(options).signalled(SIGTERM)
               == log(Severity::info, "SIGTERM: leaving the container running") + unready("`wait`")
                      + finish(one));
}

BOOST_AUTO_TEST_SUITE_END()

/// A random history. Checks rules that are true for each history.
struct History {
    std::mt19937 chance;
    WaitPlan::Options options;
    Wait wait;
    bool command_runs = false;
    bool run_lives = false;
    bool run_reads = false;  ///< Whether the plan has not yet received the end of the run.
    bool was_asked = false;  ///< Whether a signal has requested the end of the run.
    bool was_killed = false;
    bool finished = false;

    static WaitPlan::Options made_up(std::mt19937& chance) {
        auto options = with_command();
        options.has_command = chance() % 3 != 0;
        options.keeps_attached = !options.has_command && chance() % 2 == 0;
        options.stops_run = !options.has_command && chance() % 2 == 0;
        options.until_ready = chance() % 4 == 0;
        options.has_members = chance() % 4 == 0;
        options.command_is_client = chance() % 4 == 0;
        options.can_kill_container = options.has_command && chance() % 4 == 0;
        options.can_discard_container = options.can_kill_container && chance() % 2 == 0;
        options.removes_container = chance() % 2 == 0;
        if (chance() % 2 == 0)
            options.timeout = 5s;
        return options;
    }

    explicit History(unsigned seed)
        : chance(seed),
          options(made_up(chance)),
          wait(options),
          command_runs(options.has_command) {}

    /// Reports `event` to the plan and to a copy of the plan. If no run is read, only one of these
    /// two plans is told that a `wrap` is alive. Both plans must return the same actions.
    void happens(const std::function<Actions(Wait&)>& event) {
        wait.lives = run_reads ? run_lives : chance() % 2 == 0;
        Wait other = wait;
        other.lives = run_reads ? run_lives : !wait.lives;
        const Actions actions = event(wait);
        BOOST_TEST((event(other) == actions), "the writer matters although there is no run");
        BOOST_TEST((other.plan.next_time() == wait.plan.next_time()));
        look_at(actions);
    }

    void look_at(const Actions& actions) {
        for (const auto& action : actions) {
            if (action.kind == Kind::signal_command)
                BOOST_TEST(command_runs, "a signal for a command that is gone");
            if (action.kind == Kind::signal_run)
                BOOST_TEST((run_reads && run_lives), "a signal for a run that is gone");
            if (action.signal == SIGKILL)
                BOOST_TEST(was_asked, "a run is killed that was not asked to end");
            was_asked = was_asked || process::asks_for_end(action.signal);
            was_killed = was_killed || action.signal == SIGKILL;
            if (action.kind != Kind::finish)
                continue;
            BOOST_TEST(!finished, "it ends once");
            finished = true;
            if (options.has_command && command_runs && !options.until_ready)
                BOOST_TEST(was_killed, "it waits for its command unless that cannot be killed");
        }
    }

    void go_on() {
        constexpr std::array signals = {SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGCONT};
        const auto end = chance() % 3 == 0 ? ExitStatus::killed(SIGTERM)
                                           : ExitStatus::exited(static_cast<int>(chance() % 2));
        switch (chance() % 10) {
            case 0:
                happens([signal = signals[chance() % signals.size()]](Wait& each) {
                    return each.signalled(signal);
                });
                break;
            case 1:
                if (!run_reads) {
                    run_reads = true;
                    run_lives = chance() % 8 != 0;
                    happens([](Wait& each) { return each.plan.run_began({}, each.look()); });
                }
                break;
            case 2:
                run_lives = false;
                break;
            case 3:
                if (run_reads && !run_lives) {
                    run_reads = false;
                    const auto how = chance() % 3 == 0 ? std::nullopt : std::optional(end);
                    happens([=](Wait& each) { return each.plan.run_ended(how, each.look()); });
                }
                break;
            case 4:
                if (std::exchange(command_runs, false)) {
                    happens([=](Wait& each) { return each.command_ended(end); });
                    if (!finished)
                        happens([](Wait& each) { return each.caught_up(); });
                }
                break;
            case 5:
                if (run_reads)
                    happens([](Wait& each) { return each.plan.said_ready(); });
                break;
            case 6:
                if (run_reads && chance() % 4 == 0)
                    happens([](Wait& each) { return each.plan.said_stopping(); });
                break;
            case 7:
                happens([succeeded = chance() % 2 == 0](Wait& each) {
                    return each.plan.manager_answered(succeeded, each.look());
                });
                break;
            default:
                happens([span = std::chrono::milliseconds(chance() % 4000)](Wait& each) {
                    return each.pass(span);
                });
        }
    }

    /// Ends the run and the command, and then advances the time without further events.
    void come_to_an_end() {
        if (!finished && std::exchange(run_reads, false)) {
            run_lives = false;
            look_at(wait.run_ended(zero));
        }
        if (!finished && std::exchange(command_runs, false)) {
            look_at(wait.command_ended(zero));
            look_at(wait.caught_up());
        }
        for (int turn = 0; !finished && turn < 10; ++turn)
            look_at(wait.pass(10s));
    }
};

BOOST_AUTO_TEST_CASE(each_random_history_ends_and_signals_no_dead_process) {
    for (unsigned seed = 0; seed < 20'000; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            History history(seed);
            for (int step = 0; step < 40 && !history.finished; ++step)
                history.go_on();
            history.come_to_an_end();
            const bool may_wait_on = !history.options.has_command;
            BOOST_TEST((history.finished || may_wait_on));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
