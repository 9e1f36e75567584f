#include "bridge/diagnosis/unit_check.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/unit_text.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::diagnosis {
namespace {

using Verdict = Finding::Verdict;

/// Returns the only finding about `subject`, or null.
const Finding* about(const Findings& findings, std::string_view subject) {
    for (const Finding& finding : findings.all())
        if (finding.subject == subject)
            return &finding;
    return nullptr;
}

bool says(const Finding* finding, Verdict verdict, std::string_view text, std::string_view advice) {
    if (!finding)
        return false;
    BOOST_TEST_MESSAGE(finding->text << ": " << finding->advice);
    return finding->verdict == verdict && finding->text.find(text) != std::string::npos
           && finding->advice.find(advice) != std::string::npos;
}

/// Returns the facts of a unit without faults, whose main process is 7.
UnitFacts good_unit() {
    UnitFacts unit;
    unit.name = "app.service";
    unit.type = "notify";
    unit.notify_access = "main";
    unit.main_pid = 7;
    unit.kill_mode = "mixed";
    unit.restart = "on-failure";
    unit.active_state = "active";
    unit.sub_state = "running";
    unit.result = "success";
    return unit;
}

Findings judged(const UnitFacts& unit, bool has_command = true, const StartCommand& command = {}) {
    Findings findings;
    judge_unit(findings, unit, 7, command, has_command);
    return findings;
}

Findings judged_idle(const UnitFacts& unit) {
    Findings findings;
    judge_idle_unit(findings, unit);
    return findings;
}

BOOST_AUTO_TEST_SUITE(unit_check)

BOOST_AUTO_TEST_CASE(advice_for_a_user_without_linger_contains_the_command) {
    UnitFacts unit = good_unit();
    unit.user = 7;
    BOOST_TEST(!about(judged(unit), "linger"));
    unit.user_without_linger = "anna";
    for (const Findings& findings : {judged(unit), judged_idle(unit)})
        BOOST_TEST(says(about(findings, "linger"), Verdict::note, "the units of anna end with",
                        "`loginctl enable-linger anna`"));
}

BOOST_AUTO_TEST_CASE(a_directory_below_a_private_tmp_is_a_problem) {
    UnitFacts unit = good_unit();
    const auto judged_tmp = [&unit](std::string_view directory) {
        Findings findings;
        judge_private_tmp(findings, unit, directory);
        return findings;
    };
    for (const char* const shared : {"", "no"}) {
        unit.private_tmp = shared;
        BOOST_TEST(!about(judged_tmp("/tmp/app"), "unit"));
    }
    unit.private_tmp = "yes";
    for (const char* const place : {"/tmp/app", "/var/tmp/app"})
        BOOST_TEST(says(about(judged_tmp(place), "unit"), Verdict::problem,
                        "app.service has PrivateTmp=yes", "below /run"));
    BOOST_TEST(!about(judged_tmp("/run/app"), "unit"));
}

BOOST_AUTO_TEST_CASE(a_unit_without_problems_has_one_finding) {
    const Findings findings = judged(good_unit());
    BOOST_TEST(findings.all().size() == 1u);
    BOOST_TEST(!findings.has_problem());
}

BOOST_AUTO_TEST_CASE(a_changed_file_needs_a_daemon_reload) {
    UnitFacts unit = good_unit();
    BOOST_TEST(!about(judged(unit), "file"));
    unit.needs_daemon_reload = true;
    BOOST_TEST(says(about(judged(unit), "file"), Verdict::note,
                    "the file of app.service has changed since systemd has read it",
                    "`systemctl daemon-reload`, then `systemctl restart app.service`"));
}

BOOST_AUTO_TEST_CASE(a_unit_that_ends_when_idle_should_not_restart_always) {
    UnitFacts unit = good_unit();
    StartCommand command;
    command.ends_when_idle = true;
    BOOST_TEST(!about(judged(unit, true, command), "Restart"));
    for (const char* const restart : {"always", "on-success"}) {
        unit.restart = restart;
        BOOST_TEST(!about(judged(unit), "Restart"));
        BOOST_TEST(says(about(judged(unit, true, command), "Restart"), Verdict::note,
                        "as soon as --idle-timeout ends it", "set Restart=on-failure"));
    }
}

BOOST_AUTO_TEST_CASE(another_main_process_is_fine_if_wait_translates_main_pid) {
    UnitFacts unit = good_unit();
    unit.main_pid = 8;
    BOOST_TEST(says(about(judged(unit), "unit"), Verdict::problem, "wait is not its main process",
                    "let ExecStart= start wait"));
    StartCommand command;
    command.translates_main_pid = true;
    BOOST_TEST(!judged(unit, true, command).has_problem());
}

BOOST_AUTO_TEST_CASE(a_pid_file_names_another_main_process_after_a_reload) {
    UnitFacts unit = good_unit();
    const test::TemporaryDirectory directory;
    unit.pid_file = directory.path("smbd.pid");
    BOOST_TEST(says(about(judged(unit), "unit"), Verdict::note, "has PIDFile=/",
                    "set PIDFile= (`systemctl edit app.service`) to nothing"));
    unit.main_pid = 6;
    BOOST_TEST(says(about(judged(unit), "unit"), Verdict::problem, "wait is not its main process",
                    "with `exec` in a script"));
    std::ofstream(unit.pid_file) << "6\n";
    BOOST_TEST(
        says(about(judged(unit), "unit"), Verdict::problem, "not notifybridge", "set PIDFile="));
    StartCommand translates;
    translates.translates_main_pid = true;
    BOOST_TEST(
        says(about(judged(unit, true, translates), "unit"), Verdict::good, "Type=notify", ""));
}

BOOST_AUTO_TEST_CASE(the_default_kill_mode_suits_only_units_that_use_run) {
    UnitFacts unit = good_unit();
    unit.kill_mode = "control-group";
    BOOST_TEST(says(about(judged(unit), "KillMode"), Verdict::note, "not clean",
                    "set KillMode=mixed (`systemctl edit app.service`)"));
    StartCommand translates;
    translates.translates_main_pid = true;
    BOOST_TEST(!about(judged(unit, true, translates), "KillMode"));
    StartCommand run;
    run.is_run = true;
    BOOST_TEST(!about(judged(unit, true, run), "KillMode"));
    BOOST_TEST(!about(judged(unit, false), "KillMode"));
    run.shares_cgroup = true;
    BOOST_TEST(says(about(judged(unit, true, run), "KillMode"), Verdict::problem,
                    "--cgroups=", "set KillMode=mixed (`systemctl edit app.service`)"));
    unit.kill_mode = "mixed";
    BOOST_TEST(!about(judged(unit, true, run), "KillMode"));
}

BOOST_AUTO_TEST_CASE(the_default_kill_mode_suits_a_unit_that_stops_its_container) {
    StartCommand command;
    const auto judged_with = [&](std::string_view argv) {
        UnitFacts unit = good_unit();
        unit.kill_mode = "control-group";
        const auto read =
            read_units(util::concat("ExecStop={ path=/x ; argv[]=", argv, " ; status=0/0 }\n"));
        unit.stops_container = read.front().stops_container;
        return judged(unit, true, command);
    };
    for (const bool is_run : {false, true}) {
        command.is_run = command.shares_cgroup = is_run;
        BOOST_TEST(
            !about(judged_with("/usr/bin/podman stop --ignore -t 10 --cidfile=/a"), "KillMode"));
        BOOST_TEST(about(judged_with("/bin/echo bye"), "KillMode"));
    }
}

BOOST_AUTO_TEST_CASE(a_stop_has_to_be_shorter_than_that_of_the_unit) {
    UnitFacts unit = good_unit();
    StartCommand command;
    const auto note = [&](std::string_view unit_time, std::string_view own_time) {
        unit.timeout_stop = util::parse_time_span(unit_time).value();
        command.stop_timeout = own_time;
        return says(
            about(judged(unit, true, command), "TimeoutStopSec"), Verdict::note,
            util::concat("TimeoutStopSec=", unit_time, " is not longer than --stop-timeout (",
                         own_time.empty() ? "10s" : own_time, ')'),
            "set TimeoutStopSec= to more than --stop-timeout (`systemctl edit");
    };
    BOOST_TEST(note("5s", ""));
    BOOST_TEST(note("10s", ""));
    BOOST_TEST(note("1min 30s", "120"));
    BOOST_TEST(note("5s", "infinity"));
    BOOST_TEST(!note("1min 30s", ""));
    BOOST_TEST(!note("5s", "3s"));
    BOOST_TEST(!note("infinity", "infinity"));
    unit.timeout_stop = std::chrono::seconds(1);
    BOOST_TEST(!about(judged(unit, false, command), "TimeoutStopSec"));
}

BOOST_AUTO_TEST_CASE(a_kill_mode_that_leaves_containers_is_reported) {
    UnitFacts unit = good_unit();
    unit.kill_mode = "process";
    unit.user = 7;
    BOOST_TEST(says(about(judged(unit), "KillMode"), Verdict::note, "keeps running",
                    "systemctl --user edit"));
}

BOOST_AUTO_TEST_CASE(an_attaching_wait_needs_a_restart_setting) {
    UnitFacts unit = good_unit();
    unit.restart = "no";
    BOOST_TEST(says(about(judged(unit, false), "Restart"), Verdict::note, "no `wait` forwards",
                    "Restart=always"));
    BOOST_TEST(!about(judged(unit, true), "Restart"));
    StartCommand keeps;
    keeps.keeps = true;
    BOOST_TEST(!about(judged(unit, false, keeps), "Restart"));
}

BOOST_AUTO_TEST_CASE(a_unit_that_runs_without_its_file_is_a_problem) {
    // systemd does not know the settings of such a unit.
    UnitFacts unit;
    unit.name = "app.service";
    unit.load_state = "not-found";
    unit.active_state = "active";
    BOOST_TEST(says(about(judged(unit), "unit"), Verdict::problem,
                    "app.service still runs, but its unit file is gone",
                    "restore the file, then `systemctl daemon-reload`; or `systemctl stop "
                    "app.service`"));
    unit.load_state = "";
    BOOST_TEST(says(about(judged(unit), "unit"), Verdict::note, "does not answer", "as root"));
}

BOOST_AUTO_TEST_CASE(a_unit_that_runs_without_a_wait_causes_a_note) {
    UnitFacts unit = good_unit();
    BOOST_TEST(says(about(judged_idle(unit), "unit"), Verdict::note,
                    "no wait of this unit uses this directory",
                    "`journalctl -u app.service` shows why; then `systemctl restart app.service`"));
    unit.exec_start = {{"/x", "run", "--until=ready", "podman", "run", "redis"}};
    BOOST_TEST(says(about(judged_idle(unit), "unit"), Verdict::good, "is active (running)", ""));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
