#include "bridge/status/overview_text.hpp"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::status {
namespace {

constexpr std::uint64_t minute = 60'000'000;
/// 2025-07-25 12:00:00 UTC.
constexpr system::Moment now{1'753'444'800'000'000, 0};

bool contains(std::string_view text, std::string_view part) {
    const bool found = text.find(part) != text.npos;
    if (!found)
        BOOST_TEST_MESSAGE("no " << part << " in " << text);
    return found;
}

/// Returns a run that has been ready for two minutes, with everything that can be shown.
Overview example() {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
    Overview overview;
    RunOverview& run = overview.run.emplace();
    run.header.run.bytes.fill(std::byte{0xAB});
    run.header.pid = 1;
    run.header.pid_namespace = 4026531999;
    run.header.started_usec = now.realtime - 3 * minute;
    run.liveness = Liveness::alive;
    run.state.phase = notify::Phase::ready;
    run.state.since.realtime = now.realtime - 2 * minute - 3'400'000;
    run.state.last_watchdog.realtime = now.realtime - 20'100;
    run.state.facts[notify::Key::status] = "serves \x1b[31m\n3";
    run.last_sequence = 9;
    channel::ContainerStatus& container = overview.container.emplace();
    container.command = "app --flag";
    container.condition = "listen:80 succeeds (--ready-when)";
    container.command_pid = 7;
    container.messages = 10;
    container.drops.set(notify::DropReason::too_long, 2);
    HostOverview& host = overview.host.emplace();
    host.liveness = Liveness::alive;
    host.file.facts.pid = 4711;
    host.file.facts.run = run.header.run;
    host.file.facts.attached_usec = now.realtime - minute;
    host.file.facts.watchdog = std::chrono::seconds(30);
    host.file.facts.drops.set(notify::DropReason::refused_key, 1);
    host.file.facts.drops.name_refused("MAINPID");
    host.file.facts.drops.name_refused("MAINPIDFD");
    host.file.progress.acknowledged = 8;
    host.file.progress.latency_usec = 71;
    return overview;
}

std::string table(const Overview& overview) {
    return to_table(overview, "/shared", now, false);
}

Owner owner(std::string unit, std::optional<uid_t> manager = {}) {
    Owner owner;
    owner.pid = 42;
    owner.unit = std::move(unit);
    owner.manager = manager;
    return owner;
}

BOOST_AUTO_TEST_SUITE(overview_text)

BOOST_AUTO_TEST_CASE(the_table_of_status_aligns_its_labels) {
    const std::string expected =
        "● /shared - run abababababababababababababababab\n"
        "       State: ready\n"
        "       Since: Fri 2025-07-25 11:57:56 UTC; 2min 3s ago\n"
        "      Status: \"serves \\x1b[31m\\n3\"\n"
        "     Command: app --flag\n"
        "  Ready when: listen:80 succeeds (--ready-when)\n"
        "        Pids: wrap 1, command 7 (in pid namespace 4026531999)\n"
        "    Watchdog: last ping Fri 2025-07-25 11:59:59 UTC; 20ms ago, expected every 30s\n"
        "        Host: wait, pid 4711, since Fri 2025-07-25 11:59:00 UTC; 1min ago\n"
        "              delivery by inotify in 71us, acknowledged 8 of 9\n"
        "    Messages: 10\n"
        "     Dropped: 2 messages; each is longer than 4096 bytes (too-long, by wrap)\n"
        "              1 message has a key that is not forwarded: MAINPID MAINPIDFD "
        "(refused-key, by wait)\n";
    BOOST_TEST(table(example()) == expected);
}

BOOST_AUTO_TEST_CASE(a_table_has_colours_only_on_request) {
    const Overview overview = example();
    BOOST_TEST(!contains(table(overview), "\x1b"));
    BOOST_TEST(contains(to_table(overview, "/shared", now, true), "\x1b[1;32mready\x1b[0m"));
}

BOOST_AUTO_TEST_CASE(the_path_of_the_shared_directory_is_escaped) {
    BOOST_TEST(!contains(to_table(example(), "/\x1b[31m", now, false), "\x1b"));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_is_shown_with_its_status_and_time) {
    Overview overview = example();
    overview.run->liveness = Liveness::ended;
    overview.run->end = process::ExitStatus::exited(3);
    overview.run->ended_usec = now.realtime - minute;
    BOOST_TEST(contains(table(overview), "State: ended: the command exited with status 3"));
    BOOST_TEST(contains(table(overview), "Since: Fri 2025-07-25 11:59:00 UTC; 1min ago"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("end":{"exit_status":3})"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("state":"ended","phase":"ready")"));
}

BOOST_AUTO_TEST_CASE(a_killed_wrap_is_shown_as_broken_off) {
    Overview overview = example();
    overview.run->liveness = Liveness::ended;
    BOOST_TEST(contains(table(overview), "State: broke off while ready: wrap was killed"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("alive":false,"ready":false)"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("state":"broken-off")"));
}

BOOST_AUTO_TEST_CASE(the_unknown_liveness_of_a_run_is_shown_as_unknown) {
    Overview overview = example();
    overview.run->liveness = Liveness::unknown;
    BOOST_TEST(contains(table(overview),
                        "ready (this process cannot find out whether the run is active)"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("alive":null)"));
}

BOOST_AUTO_TEST_CASE(an_invalid_time_of_a_state_is_shown_safely) {
    Overview overview = example();
    overview.run->state.since.realtime = UINT64_MAX;
    BOOST_TEST(contains(table(overview), "in the future"));
    BOOST_TEST(contains(to_json(overview, "/shared"), "\"since_usec\":18446744073709551615"));
}

BOOST_AUTO_TEST_CASE(the_absence_of_a_wait_is_shown) {
    Overview overview = example();
    overview.host.reset();
    BOOST_TEST(contains(table(overview), "Host: no `wait` uses this directory"));
    BOOST_TEST(contains(to_json(overview, "/shared"), "\"host\":null"));
    overview.faults.push_back({"host", "it is a directory"});
    BOOST_TEST(contains(table(overview), "Host: unknown: it is a directory"));
}

BOOST_AUTO_TEST_CASE(an_ended_wait_is_not_shown_as_attached) {
    Overview overview = example();
    overview.host->liveness = Liveness::ended;
    BOOST_TEST(contains(table(overview), "(was killed)"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("alive":false,"attached":false)"));
}

BOOST_AUTO_TEST_CASE(a_wait_without_a_run_is_not_shown_as_attached) {
    Overview overview = example();
    overview.run.reset();
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("alive":true,"attached":false)"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("acknowledged":null)"));
    BOOST_TEST(!is_watchdog_late(overview, now));
}

BOOST_AUTO_TEST_CASE(an_overdue_ping_is_shown_as_late) {
    Overview overview = example();
    BOOST_TEST(!is_watchdog_late(overview, now));
    overview.run->state.last_watchdog.realtime = now.realtime - minute;
    BOOST_TEST(is_watchdog_late(overview, now));
    BOOST_TEST(contains(table(overview), "1min ago, expected every 30s: the next one is late"));
    overview.run->state.facts[notify::Key::watchdog_usec] = "90000000";
    BOOST_TEST(!is_watchdog_late(overview, now));
    overview.run->state.facts.clear();
    overview.run->state.phase = notify::Phase::starting;
    overview.run->state.last_watchdog = {};
    BOOST_TEST(!is_watchdog_late(overview, now));
}

BOOST_AUTO_TEST_CASE(the_first_ping_counts_as_missing_after_half_its_time) {
    Overview overview = example();
    overview.run->state.last_watchdog = {};
    overview.run->state.since.realtime = now.realtime - minute;
    BOOST_TEST(is_ping_missing(overview, now));
    overview.run->state.since.realtime = now.realtime - minute / 10;
    BOOST_TEST(!is_ping_missing(overview, now));
    overview.run->state.since.realtime = now.realtime - minute;
    overview.run->state.phase = notify::Phase::starting;
    BOOST_TEST(!is_ping_missing(overview, now));
    overview.run->state.phase = notify::Phase::ready;
    overview.run->state.last_watchdog.realtime = now.realtime - minute;
    BOOST_TEST(!is_ping_missing(overview, now));
    overview.run.reset();
    BOOST_TEST(!is_ping_missing(overview, now));
}

BOOST_AUTO_TEST_CASE(keys_of_messages_still_in_the_journal_are_counted) {
    Overview overview = example();
    overview.run->keys[static_cast<std::size_t>(notify::Key::ready)] = 1;
    overview.run->keys[static_cast<std::size_t>(notify::Key::unknown)] = 12;
    BOOST_TEST(contains(table(overview), "Messages: 10; still in the journal: READY 1, others 12"));
    BOOST_TEST(
        contains(to_json(overview, "/shared"), R"("journaled_keys":{"READY":1,"others":12})"));
}

BOOST_AUTO_TEST_CASE(a_fact_without_a_value_has_no_line) {
    Overview overview = example();
    const auto all_lines = {
        "    Barriers: 3 released at once, because no wait was attached\n",
        "      Pauses: 1 time too many messages were waiting for delivery",
        "              works without inotify\\n, which this kernel or a system call",
        "              file descriptors are not passed on: EPERM\n",
        "              asked the app to stop with SIGTERM\n",
        "        Sent: ERRNO=\"2\"\n              MAINPID=\"7\"\n",
    };
    for (const char* const line : all_lines)
        BOOST_TEST(!contains(table(overview), line));
    overview.container->unheard_barriers = 3;
    overview.container->pauses = 1;
    channel::HostFacts& host = overview.host->file.facts;
    host.missing = "inotify\n";
    host.lane_fault = "EPERM";
    host.signals.push_back({1, SIGTERM});
    overview.run->state.facts[notify::Key::errno_] = "2";
    overview.run->state.facts[notify::Key::main_pid] = "7";
    for (const char* const line : all_lines)
        BOOST_TEST(contains(table(overview), line));
}

BOOST_AUTO_TEST_CASE(a_row_of_the_overview_is_one_line) {
    const NamedOverview bridge{"", owner("app.service"), "/run/app", example()};
    BOOST_TEST(to_row(bridge, now, false, 0)
               == "● app.service          ready      2min 3s  /run/app \"serves \\x1b[31m\\n3\"\n");
    const NamedOverview empty{"", {}, "/run/\x1b", {}};
    BOOST_TEST(to_row(empty, now, true, 0)
               == "○ -                    no run              /run/\\x1b\n");
    const NamedOverview of_user{"", owner("a.service", uid_t{7}), "/run/a", {}};
    BOOST_TEST(to_row(of_user, now, false, 0)
               == "○ a.service of uid 7   no run              /run/a\n");
    BOOST_TEST(to_row(of_user, now, false, 7)
               == "○ a.service            no run              /run/a\n");
}

BOOST_AUTO_TEST_CASE(the_json_output_begins_with_its_version) {
    const std::vector<NamedOverview> bridges = {
        {"db", owner("app.service"), "/run/app", example()}};
    BOOST_TEST(
        to_json(example(), "/shared").starts_with(R"({"version":1,"shared_dir":"/shared",)"));
    BOOST_TEST(to_json(bridges, "/run")
                   .starts_with(R"({"version":1,"shared_dir":"/run","members":{"db":{)"));
    BOOST_TEST(to_json_of_all(bridges).starts_with(
        R"({"version":1,"bridges":[{"unit":"app.service","uid":0,"manager_uid":null,)"
        R"("mount_namespace":null,"shared_dir":"/run/app",)"));
}

BOOST_AUTO_TEST_CASE(the_overview_shows_the_health_check) {
    using channel::HealthState;
    Overview overview = example();
    BOOST_TEST(!contains(table(overview), "Health"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("health":null)"));
    auto& health = overview.container->health;
    health.emplace();
    BOOST_TEST(contains(table(overview), "    Health: starting\n"));
    health = {HealthState::healthy, 0, 0, ""};
    BOOST_TEST(contains(table(overview), "Health: healthy; the last check had exit status 0\n"));
    health = {HealthState::healthy, 1, std::nullopt, "did not end within 3s"};
    BOOST_TEST(contains(table(overview),
                        "Health: healthy, 1 failure; the last check: \"did not end within 3s\"\n"));
    health = {HealthState::unhealthy, 3, 7, "refused\x1b"};
    BOOST_TEST(contains(table(overview),
                        "Health: unhealthy, 3 failures in a row; the last check had exit status 7: "
                        "\"refused\\x1b\"\n"));
    BOOST_TEST(contains(to_json(overview, "/shared"),
                        R"("health":{"state":"unhealthy","failing_streak":3,"exit_status":7,)"
                        R"("output":"refused)"));
    const std::string metrics = to_prometheus(std::vector<NamedOverview>{{"", {}, "/a", overview}});
    BOOST_TEST(contains(metrics, "health{shared_dir=\"/a\",state=\"unhealthy\"} 1\n"));
    BOOST_TEST(contains(metrics, "health{shared_dir=\"/a\",state=\"healthy\"} 0\n"));
    BOOST_TEST(contains(metrics, "health_failing_streak{shared_dir=\"/a\"} 3\n"));
}

BOOST_AUTO_TEST_CASE(the_overview_shows_the_connections_of_a_proxy) {
    Overview overview = example();
    const auto metrics = [&] {
        return to_prometheus(std::vector<NamedOverview>{{"", {}, "/a", overview}});
    };
    BOOST_TEST(!contains(table(overview), "Proxy"));
    BOOST_TEST(!contains(metrics(), "connections"));
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("connections":null)"));
    auto& connections = overview.container->connections;
    connections = {2, 0, 1500, 7, 0};
    BOOST_TEST(contains(table(overview), "     Proxy: 2 open (at most 1500); 7 since the start\n"));
    connections = {3, 1, 1500, 20, 2};
    BOOST_TEST(contains(table(overview),
                        "Proxy: 3 open (at most 1500); the app has not accepted 1 of them yet; 20 "
                        "since the start; 2 reset because the app did not accept them\n"));
    BOOST_TEST(contains(to_json(overview, "/shared"),
                        R"("connections":{"open":3,"waiting":1,"limit":1500,"accepted":20,)"
                        R"("refused":2})"));
    for (const char* const line :
         {"connections_open{shared_dir=\"/a\"} 3\n", "connections_waiting{shared_dir=\"/a\"} 1\n",
          "connections_limit{shared_dir=\"/a\"} 1500\n",
          "# TYPE notifybridge_connections_accepted_total counter\n",
          "connections_accepted_total{shared_dir=\"/a\"} 20\n",
          "connections_refused_total{shared_dir=\"/a\"} 2\n"})
        BOOST_TEST(contains(metrics(), line), line << " is not in " << metrics());
}

BOOST_AUTO_TEST_CASE(metrics_of_all_bridges_are_grouped_by_their_names) {
    Overview ended = example();
    ended.run->liveness = Liveness::ended;
    ended.run->end = process::ExitStatus::killed(9);
    ended.run->ended_usec = now.realtime;
    const std::vector<NamedOverview> bridges = {{"", owner("app.service"), "/run/app", example()},
                                                {"db", {}, "/a\"\\\n", ended},
                                                {"", {}, "/never", {}}};
    const std::string text = to_prometheus(bridges);
    BOOST_TEST(text.starts_with(R"(# HELP notifybridge_up Whether a run is active.
# TYPE notifybridge_up gauge
notifybridge_up{shared_dir="/run/app",unit="app.service",manager="system",uid="0"} 1
notifybridge_up{shared_dir="/a\"\\\n",member="db"} 0
notifybridge_up{shared_dir="/never"} 0
# HELP notifybridge_ready )"));
    BOOST_TEST(contains(text,
                        "messages_total{shared_dir=\"/run/app\",unit=\"app.service\","
                        "manager=\"system\",uid=\"0\"} 10\n"));
    BOOST_TEST(contains(text,
                        "latency_seconds{shared_dir=\"/run/app\",unit=\"app.service\","
                        "manager=\"system\",uid=\"0\"} 0.000071\n"));
    BOOST_TEST(contains(text, ",state=\"ready\"} 1\n"));
    BOOST_TEST(contains(text, ",state=\"ended\"} 1\n"));
    BOOST_TEST(contains(text, ",by=\"wrap\",reason=\"too-long\"} 2\n"));
    BOOST_TEST(contains(text,
                        "watchdog_period_seconds{shared_dir=\"/run/app\",unit=\"app.service\","
                        "manager=\"system\",uid=\"0\"} 30.000000\n"));
    BOOST_TEST(contains(text, "_exit_status{"));
    BOOST_TEST(contains(text, ",member=\"db\"} 137\n"));
    BOOST_TEST(to_prometheus({}).empty());
}

/// Returns the labels of the metric "up" for each bridge.
std::vector<std::string> series_of(const std::vector<NamedOverview>& bridges) {
    constexpr std::string_view start = "notifybridge_up{";
    const std::string text = to_prometheus(bridges);
    std::vector<std::string> series;
    for (std::size_t at = 0; (at = text.find(start, at)) != text.npos;) {
        at += start.size();
        series.push_back(text.substr(at, text.find('}', at) - at));
    }
    return series;
}

BOOST_AUTO_TEST_CASE(metrics_escape_a_path_as_prometheus_reads_it) {
    const std::vector<std::string> expected = {R"(shared_dir="/a\nb\\\"c\\xff\n")"};
    BOOST_TEST(series_of({{"", {}, "/a\nb\\\"c\xff\n", {}}}) == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(metrics_distinguish_the_owners_of_bridges) {
    Owner elsewhere = owner("");
    elsewhere.mounts = 5;
    const std::vector<std::string> expected = {
        R"(shared_dir="/a",unit="sshd.service",manager="system",uid="0")",
        R"(shared_dir="/a",unit="sshd.service",manager="user",uid="7")",
        R"(shared_dir="/a",uid="0")",
        R"(shared_dir="/a",uid="0",mount_namespace="5")",
    };
    BOOST_TEST(series_of({{"", owner("sshd.service"), "/a", {}},
                          {"", owner("sshd.service", uid_t{7}), "/a", {}},
                          {"", owner(""), "/a", {}},
                          {"", elsewhere, "/a", {}}})
                   == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(each_metric_series_is_unique) {
    Owner other = owner("");
    other.pid = 43;
    const std::vector<std::string> expected = {
        R"(shared_dir="/a",uid="0",pid="42")",
        R"(shared_dir="/a",uid="0",pid="43")",
    };
    BOOST_TEST(series_of({{"", owner(""), "/a", {}}, {"", other, "/a", {}}, {"", other, "/a", {}}})
                   == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_json_output_is_one_line_with_the_status_of_the_app) {
    const std::string json = to_json(example(), "/shared");
    BOOST_TEST(json.find('\n') == json.size() - 1);
    BOOST_TEST(contains(json, R"("status":"serves \u001b[31m\n3")"));
    BOOST_TEST(contains(json, R"("acknowledged":8)"));
    BOOST_TEST(contains(json, R"("latency_usec":71)"));
    BOOST_TEST(contains(json, R"("unit_period_usec":30000000)"));
    BOOST_TEST(contains(json, R"({"reason":"too-long",)"));
}

BOOST_AUTO_TEST_CASE(the_json_output_has_no_bytes_that_are_not_utf8) {
    Overview overview = example();
    overview.container->command = "a\xff";
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("command":"a\\xff")"));
}

BOOST_AUTO_TEST_CASE(the_json_output_has_no_characters_that_control_a_terminal) {
    Overview overview = example();
    overview.run->state.facts[notify::Key::status] =
        "a\x7F\xC2\x9B"
        "1m\xC2\xA0";
    BOOST_TEST(contains(to_json(overview, "/shared"), "\"status\":\"a\\u007f\\u009b1m\xC2\xA0\""));
}

BOOST_AUTO_TEST_CASE(the_json_output_has_nulls_without_container_status) {
    Overview overview = example();
    overview.container.reset();
    BOOST_TEST(contains(to_json(overview, "/shared"), R"("command":null)"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::status
