#include "bridge/status/check.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/receiver.hpp"
#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/status/output.hpp"
#include "support/variable.hpp"

namespace notifybridge::status::test_check {
namespace {

using namespace std::chrono_literals;
using diagnosis::Finding;
using diagnosis::Findings;
using util::concat;
using Verdict = Finding::Verdict;
using Verdicts = std::vector<Verdict>;

/// A pid that no process has, so that facts about the processes are not visible.
constexpr std::int64_t unused_pid = 2'000'000'000;

/// A ready run whose `wait` has sent all messages. `wrap` and `wait` are in other pid namespaces.
struct GoodBridge {
    test::TemporaryDirectory directory;
    test::Variable socket{"NOTIFY_SOCKET", std::nullopt};
    notify::Receiver receiver{directory.path(channel::socket_name), 0666};
    Overview overview;
    Findings found;

    GoodBridge() {
        RunOverview& run = overview.run.emplace();
        run.header.run.bytes.fill(std::byte{7});
        run.header.pid = unused_pid;
        run.liveness = Liveness::alive;
        run.state.phase = notify::Phase::ready;
        run.state.since = system::now();
        run.last_sequence = 5;
        overview.container.emplace();
        HostOverview& host = overview.host.emplace();
        host.liveness = Liveness::alive;
        host.file.facts.pid = unused_pid;
        host.file.facts.run = run.header.run;
        host.file.progress.acknowledged = 5;
    }

    channel::HostFacts& facts() { return overview.host->file.facts; }

    /// Returns the verdicts about a subject.
    Verdicts verdicts(std::string_view subject) {
        found = check(directory.fd(), directory.path(), overview);
        Verdicts verdicts;
        for (const Finding& finding : found.all())
            if (finding.subject == subject)
                verdicts.push_back(finding.verdict);
        return verdicts;
    }

    bool has_problem(std::string_view subject) {
        return verdicts(subject) == Verdicts{Verdict::problem};
    }
    bool has_note(std::string_view subject) { return verdicts(subject) == Verdicts{Verdict::note}; }
    bool is_silent_about(std::string_view subject) { return verdicts(subject).empty(); }

    bool says(std::string_view part) const {
        for (const Finding& finding : found.all())
            if (concat(finding.text, '\n', finding.advice).find(part) != std::string::npos)
                return true;
        return false;
    }

    /// Sets the time since the run became ready, and since its last ping.
    void set_times(std::chrono::microseconds since_ready,
                   std::optional<std::chrono::microseconds> since_ping) {
        const std::uint64_t now = system::now().realtime;
        const auto before = [&](std::chrono::microseconds span) {
            return now - static_cast<std::uint64_t>(span.count());
        };
        overview.run->state.since.realtime = before(since_ready);
        overview.run->state.last_watchdog.realtime = since_ping ? before(*since_ping) : 0;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_of_a_bridge, GoodBridge)

BOOST_AUTO_TEST_CASE(a_good_bridge_has_only_good_findings) {
    BOOST_TEST((verdicts("wait") == Verdicts{Verdict::good}));
    BOOST_TEST(says("has sent all messages (5)"));
    for (const Finding& finding : found.all())
        BOOST_TEST((finding.verdict == Verdict::good), finding.subject << ": " << finding.text);
}

BOOST_AUTO_TEST_CASE(a_missing_or_killed_wait_is_a_problem) {
    overview.host->liveness = Liveness::ended;
    BOOST_TEST(has_problem("wait"));
    BOOST_TEST(says("was killed"));
    overview.host.reset();
    BOOST_TEST(has_problem("wait"));
    BOOST_TEST(says("no `wait` uses this directory"));
}

BOOST_AUTO_TEST_CASE(a_wait_that_has_left_is_not_a_problem) {
    facts().has_left = true;
    for (const Liveness liveness : {Liveness::ended, Liveness::alive}) {
        overview.host->liveness = liveness;
        BOOST_TEST(has_note("wait"));
        BOOST_TEST(says("has detached"));
    }
}

BOOST_AUTO_TEST_CASE(a_wait_that_follows_another_run_is_a_problem) {
    facts().run->bytes.fill(std::byte{8});
    BOOST_TEST(has_problem("wait"));
    facts().run.reset();
    BOOST_TEST(has_problem("wait"));
    BOOST_TEST(says("does not follow this run"));
}

BOOST_AUTO_TEST_CASE(unsent_messages_are_only_noted) {
    overview.host->file.progress.acknowledged = 4;
    BOOST_TEST(has_note("wait"));
    BOOST_TEST(says("has sent 4 of 5 messages"));
}

BOOST_AUTO_TEST_CASE(a_late_ping_is_a_problem) {
    facts().watchdog = 10s;
    set_times(1h, 1s);
    BOOST_TEST(is_silent_about("watchdog"));
    set_times(1h, 11s);
    BOOST_TEST(has_problem("watchdog"));
    overview.run->state.phase = notify::Phase::starting;
    BOOST_TEST(is_silent_about("watchdog"));
}

BOOST_AUTO_TEST_CASE(a_missing_first_ping_is_noted_before_it_is_late) {
    facts().watchdog = 1h;
    set_times(20min, std::nullopt);
    BOOST_TEST(is_silent_about("watchdog"));
    set_times(40min, std::nullopt);
    BOOST_TEST(has_note("watchdog"));
    set_times(2h, std::nullopt);
    BOOST_TEST(has_problem("watchdog"));
}

BOOST_AUTO_TEST_CASE(only_an_unhealthy_app_is_a_problem) {
    channel::Health& health = overview.container->health.emplace();
    health.failing_streak = 3;
    health.output = "refused";
    for (const channel::HealthState state :
         {channel::HealthState::starting, channel::HealthState::healthy}) {
        health.state = state;
        BOOST_TEST(is_silent_about("health"));
    }
    health.state = channel::HealthState::unhealthy;
    BOOST_TEST(has_problem("health"));
    BOOST_TEST(says("has failed 3 times in a row: \"refused\""));
}

// systemd does not restart an unhealthy app that has no watchdog.
BOOST_AUTO_TEST_CASE(a_watchdog_is_advised_only_without_a_watchdog) {
    overview.container->health.emplace().state = channel::HealthState::unhealthy;
    BOOST_TEST(has_problem("health"));
    BOOST_TEST(says("with WatchdogSec="));
    facts().watchdog = 1h;
    BOOST_TEST(has_problem("health"));
    BOOST_TEST(!says("with WatchdogSec="));
    facts().watchdog.reset();
    overview.run->state.phase = notify::Phase::starting;
    BOOST_TEST(has_problem("health"));
    BOOST_TEST(!says("with WatchdogSec="));
}

BOOST_AUTO_TEST_CASE(a_failed_probe_of_alive_when_is_a_problem_before_systemd_acts) {
    facts().watchdog = 1h;
    set_times(1min, 1min);
    std::string& status = overview.run->state.facts[notify::Key::status];
    status = "alive";
    BOOST_TEST(is_silent_about("watchdog"));
    status = "not alive: exec:check: the exit status is 1";
    BOOST_TEST(has_problem("watchdog"));
    BOOST_TEST(says(status));
    BOOST_TEST(!says("--alive-when"));
}

BOOST_AUTO_TEST_CASE(full_and_refused_connections_are_reported) {
    channel::Connections& connections = overview.container->connections.emplace();
    connections.limit = 100;
    connections.open = 99;
    BOOST_TEST(is_silent_about("proxy"));
    connections.refused = 1;
    BOOST_TEST(has_note("proxy"));
    BOOST_TEST(says("did not accept 1 connection\n"));
    connections.open = 100;
    connections.refused = 0;
    BOOST_TEST(has_problem("proxy"));
}

BOOST_AUTO_TEST_CASE(an_ended_run_has_no_findings_about_its_app) {
    facts().watchdog = 10s;
    set_times(1h, 1h);
    overview.container->health.emplace().state = channel::HealthState::unhealthy;
    overview.container->connections.emplace().refused = 1;
    overview.run->liveness = Liveness::ended;
    for (const char* const subject : {"watchdog", "health", "proxy"})
        BOOST_TEST(is_silent_about(subject), subject);
    BOOST_TEST(has_problem("run"));
}

BOOST_AUTO_TEST_CASE(dropped_messages_are_noted_for_each_side) {
    overview.container->drops.add(notify::DropReason::too_long);
    BOOST_TEST(has_note("dropped"));
    BOOST_TEST(says("wrap dropped 1 message or lines"));
    facts().drops.add(notify::DropReason::refused_key);
    facts().drops.add(notify::DropReason::refused_key);
    BOOST_TEST((verdicts("dropped") == Verdicts{Verdict::note, Verdict::note}));
    BOOST_TEST(says("wait dropped 2 messages or lines"));
    BOOST_TEST(says("`status` shows why; `wait --allow` forwards other keys"));
    facts().drops.name_refused("MAINPID");
    BOOST_TEST((verdicts("dropped") == Verdicts{Verdict::note, Verdict::note}));
    BOOST_TEST(says("`status` shows why; `wait --main-pid=translate` forwards MAINPID"));
    BOOST_TEST(!says("--allow"));
    facts().drops.name_refused("FDSTORE");
    BOOST_TEST((verdicts("dropped") == Verdicts{Verdict::note, Verdict::note}));
    BOOST_TEST(says("forwards MAINPID; `wait --allow` forwards other keys"));
}

// These messages need another remedy, so they have a separate finding.
BOOST_AUTO_TEST_CASE(messages_of_other_senders_are_counted_separately) {
    overview.container->drops.add(notify::DropReason::other_sender);
    BOOST_TEST(has_note("dropped"));
    BOOST_TEST(says("wrap dropped 1 message: it "));
    overview.container->drops.add(notify::DropReason::other_sender);
    overview.container->drops.add(notify::DropReason::too_long);
    BOOST_TEST((verdicts("dropped") == Verdicts{Verdict::note, Verdict::note}));
    BOOST_TEST(says("wrap dropped 2 messages: each "));
    BOOST_TEST(says("wrap dropped 1 message or lines"));
}

BOOST_AUTO_TEST_CASE(a_polling_wait_is_noted_while_it_lives) {
    facts().polls = true;
    BOOST_TEST(has_note("delivery"));
    overview.host->liveness = Liveness::ended;
    BOOST_TEST(is_silent_about("delivery"));
}

BOOST_AUTO_TEST_CASE(a_fault_of_a_closed_lane_is_noted) {
    BOOST_TEST(is_silent_about("lane"));
    facts().lane_fault = "no room";
    BOOST_TEST(has_note("lane"));
    facts().lane_open = true;
    BOOST_TEST(is_silent_about("lane"));
}

BOOST_AUTO_TEST_CASE(features_that_wait_does_without_are_noted) {
    BOOST_TEST(is_silent_about("kernel"));
    facts().missing = "openat2";
    BOOST_TEST(has_note("kernel"));
    BOOST_TEST(says("the same is done in another way"));
    facts().missing = "openat2 Landlock";
    BOOST_TEST(has_note("kernel"));
    BOOST_TEST(says("wait is less confined"));
}

// The test has opened and locked the run's journal, so the test counts as the run's `wrap`.
BOOST_AUTO_TEST_CASE(a_run_that_no_wait_reads_is_reported) {
    const bridge::Run run(directory.fd());
    overview.run->header = run.writer.header();
    facts().run = overview.run->header.run;
    BOOST_TEST(is_silent_about("leftover"));
    facts().has_left = true;
    BOOST_TEST(is_silent_about("leftover"));
    facts().has_left = false;
    overview.host->liveness = Liveness::ended;
    BOOST_TEST(has_note("leftover"));
    BOOST_TEST(says(concat("`kill ", ::getpid(), '`')));
    overview.host.reset();
    BOOST_TEST(has_note("leftover"));
}

BOOST_AUTO_TEST_CASE(the_file_faults_of_a_directory_are_problems) {
    overview.faults = {{channel::status_name, "it is a FIFO"}};
    BOOST_TEST(has_problem(channel::status_name));
}

BOOST_AUTO_TEST_CASE(a_missing_member_is_named) {
    overview.run.reset();
    const Findings findings = check(directory.fd(), directory.path(), overview, "db");
    BOOST_TEST(findings.has_problem());
    BOOST_TEST((findings.all()[1].subject == "member"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(check_of_members, GoodBridge)

// A `wait` whose command line is not visible may have any members.
BOOST_AUTO_TEST_CASE(the_members_of_an_invisible_wait_are_not_checked) {
    Findings findings;
    check_members(findings, directory.fd(), overview, {});
    overview.host->file.facts.pid = 0;
    check_members(findings, directory.fd(), overview, {});
    overview.host.reset();
    check_members(findings, directory.fd(), overview, {});
    BOOST_TEST(findings.all().empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(text_of_findings)

BOOST_AUTO_TEST_CASE(each_finding_has_a_line_and_perhaps_advice) {
    Findings findings;
    findings.good("run", "is ready");
    findings.note("wait", "has left", "do nothing");
    findings.problem("a_long_subject_name", "is bad", "");
    BOOST_TEST(to_text(findings, false)
               == "ok       run        is ready\n"
                  "note     wait       has left\n"
                  "                    do nothing\n"
                  "problem  a_long_subject_name is bad\n");
}

BOOST_AUTO_TEST_CASE(the_colour_of_a_finding_is_that_of_its_verdict) {
    const auto text = [](Finding::Verdict verdict) {
        Findings findings;
        findings.add(verdict, "run", "x", "");
        return to_text(findings, true);
    };
    BOOST_TEST(text(Verdict::good).starts_with("\x1b[32mok\x1b[0m       run"));
    BOOST_TEST(text(Verdict::note).starts_with("\x1b[33mnote\x1b[0m     run"));
    BOOST_TEST(text(Verdict::problem).starts_with("\x1b[1;31mproblem\x1b[0m  run"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::status::test_check
