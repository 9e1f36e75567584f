#include "bridge/diagnosis/diagnosis.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

const std::vector<DiagnosisSample> unit_samples = {
    // Units that are started again and again.
    {.properties = concat(failed("exit-code", 3), "NRestarts=5\nRestart=always\n"),
     .log = "cannot open /data\n",
     .cause = "has failed 5 times in a row, and systemd does not start it again: the app exited "
              "with status 3; its last line is \"cannot open /data\"",
     .remedy = "; then run `systemctl reset-failed app.service` and `systemctl start app.service`"},
    {.properties = "ActiveState=activating\nSubState=auto-restart\nResult=exit-code\n"
                   "ExecMainCode=1\nExecMainStatus=3\nNRestarts=2\n",
     .log = "cannot open /data\n",
     .cause = "has failed and will be restarted (exit-code): the app exited with status 3",
     .remedy = "fix what"},
    {.properties = concat(was_up(failed("start-limit-hit", 143)), "StartLimitBurst=5\n"),
     .cause =
         "app.service was started 5 times in a short time, and systemd does not start it again",
     .remedy = "`systemctl reset-failed app.service`, then `systemctl start app.service`"},
    {.properties = concat(was_up(failed("start-limit-hit")), "StartLimitBurst=5\nNRestarts=5\n"),
     .log = "nothing to do\n",
     .cause =
         "has failed 5 times in a row, and systemd does not start it again: the app exited with "
         "status 0; its last line is \"nothing to do\"",
     .remedy = "then run `systemctl reset-failed app.service`"},
    {.properties = "ActiveState=deactivating\nSubState=stop-sigterm\nResult=timeout\n",
     .cause = "app.service has failed and is stopping (timeout): READY=1 did not arrive",
     .remedy = "add --ready-when="},
    // Units that run, or that have not failed.
    {.properties = "ActiveState=inactive\nLoadState=masked\n",
     .cause = "app.service is masked, so that it cannot start",
     .remedy = "`systemctl unmask app.service`"},
    {.properties = "ActiveState=active\n",
     .log = "[MAIN 12:00:00] error: something removed the journal of the shared directory; if "
            "[journal-removed]\n",
     .cause = "something removed the files of the shared directory of app.service",
     .remedy = "`systemctl restart app.service`"},
    {.properties = "ActiveState=active\nType=simple\nNotifyAccess=none\n",
     .cause = "Type=simple, NotifyAccess=none: systemd does not wait for READY=1, and drops",
     .remedy = "set Type=notify (`systemctl edit app.service`)"},
    {.properties = "ActiveState=active\nNotifyAccess=all\nSourcePath=/etc/q/app.container\n",
     .exec_start = "/usr/bin/podman --hooks-dir=/x run --sdnotify=conmon "
                   "--env NOTIFYBRIDGE_OPTIONS=--ready-when=tcp:127.0.0.1:1 redis",
     .cause = "Notify=true is missing",
     .remedy = "set Notify=true in [Container] of /etc/q/app.container, then `systemctl "
               "daemon-reload`"},
};

BOOST_AUTO_TEST_SUITE(diagnosis)

BOOST_AUTO_TEST_CASE(a_pid_file_of_an_active_unit_is_noted) {
    const auto found =
        diagnose(symptoms_by({.properties = "ActiveState=active\nPIDFile=/run/smbd.pid\n"}));
    BOOST_TEST_REQUIRE(found.has_value());
    BOOST_CHECK(found->verdict == Finding::Verdict::note);
    BOOST_TEST(
        found->cause.starts_with("app.service has PIDFile=/run/smbd.pid: after ExecReload= or"));
    BOOST_TEST(found->remedy == "set PIDFile= (`systemctl edit app.service`) to nothing");
    const auto starts =
        diagnose(symptoms_by({.properties = "ActiveState=activating\nPIDFile=/run/smbd.pid\n"}));
    BOOST_TEST_REQUIRE(starts.has_value());
    BOOST_TEST(starts->cause.starts_with("app.service is starting"));
}

BOOST_DATA_TEST_CASE(a_unit_that_does_not_run_well_has_one_cause_and_one_remedy, unit_samples) {
    check_diagnosis(sample);
}

BOOST_AUTO_TEST_CASE(an_active_unit_with_good_settings_has_no_diagnosis) {
    for (const char* const properties :
         {"ActiveState=active\n", "ActiveState=active\nType=notify-reload\n",
          "ActiveState=active\nType=oneshot\nNotifyAccess=all\n"})
        BOOST_TEST(!diagnose(symptoms_by({.properties = properties})).has_value());
}

BOOST_AUTO_TEST_CASE(a_unit_that_starts_until_ready_needs_no_messages) {
    for (const char* const type : {"oneshot", "forking"}) {
        const std::string properties =
            concat("ActiveState=active\nNotifyAccess=none\nType=", type, '\n');
        BOOST_TEST(!diagnose(
            symptoms_by({.properties = properties, .exec_start = run_with("--until=ready")})));
        BOOST_TEST(diagnose(symptoms_by({.properties = properties,
                                         .exec_start = run_with("--ready-when=tcp:127.0.0.1:1")}))
                       ->cause.ends_with("messages"));
    }
}

BOOST_AUTO_TEST_CASE(a_job_needs_no_messages) {
    const std::string job = "NotifyAccess=none\nType=oneshot\n";
    for (const char* const options : {"", "--ready-when=exit"})
        BOOST_TEST(!diagnose(symptoms_by(
            {.properties = job + "ActiveState=active\n", .exec_start = run_with(options)})));
    Symptoms symptoms = symptoms_by({.properties = job + "ActiveState=activating\n"});
    symptoms.has_run = true;
    const auto found = diagnose(symptoms);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause == "app.service runs: systemd waits for its end (Type=oneshot)");
    for (const char* const type : {"simple", "exec"})
        BOOST_TEST(!diagnose(symptoms_by({.properties = concat("ActiveState=active\nType=", type,
                                                               "\nNotifyAccess=none\n"
                                                               "TriggeredBy=app.timer\n")})));
}

BOOST_AUTO_TEST_CASE(a_unit_that_has_ended_or_was_stopped_causes_a_note) {
    for (const char* const end : {"ExecMainCode=1\nExecMainStatus=0\n",
                                  "ExecMainCode=2\n"
                                  "ExecMainStatus=15\n",
                                  ""}) {
        const auto found =
            diagnose(symptoms_by({.properties = concat("ActiveState=inactive\n", end)}));
        BOOST_REQUIRE(found.has_value());
        BOOST_TEST((found->verdict == Finding::Verdict::note));
        BOOST_TEST(found->cause.starts_with("app.service is not started"));
        BOOST_TEST(found->remedy
                   == "`systemctl start app.service`; if it does not start, `journalctl -u "
                      "app.service` shows why");
    }
}

/// Returns the symptoms of a job that has ended, and whose timer has these properties.
Symptoms ended_job(std::string_view timer) {
    Symptoms symptoms =
        symptoms_by({.properties = "ActiveState=inactive\nExecMainCode=1\nExecMainStatus=0\n"
                                   "Type=oneshot\nTriggeredBy=app.timer\n"});
    symptoms.timers = read_units(concat("Id=app.timer\n", timer));
    symptoms.now = {.realtime = 1'000'000'000, .monotonic = 5'000'000};
    return symptoms;
}

BOOST_AUTO_TEST_CASE(a_note_shows_when_a_timer_starts_its_job) {
    const std::string ended = "app.service is not started; its last run exited with status 0";
    const auto found =
        diagnose(ended_job("ActiveState=active\nNextElapseUSecRealtime=1796083200000000\n"));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause
               == concat(ended, "; app.timer starts it on ",
                         system::to_local_time(1'796'083'200'000'000)));
    BOOST_TEST(found->remedy == "to start it now: `systemctl start app.service`");
    BOOST_TEST(diagnose(ended_job("ActiveState=active\nNextElapseUSecMonotonic=infinity\n"))->cause
               == concat(ended, "; app.timer starts it"));
    const auto stopped = diagnose(ended_job("ActiveState=inactive\n"));
    BOOST_TEST(stopped->cause == concat(ended, ", and app.timer is not started"));
    BOOST_TEST(stopped->remedy == "`systemctl enable --now app.timer`");
}

BOOST_AUTO_TEST_CASE(a_unit_that_waits_for_a_connection_causes_a_note) {
    const auto found = diagnose(
        symptoms_by({.properties = "ActiveState=inactive\nExecMainCode=1\nExecMainStatus=0\n"
                                   "TriggeredBy=app.timer web.socket\n",
                     .exec_start = run_with("--proxy=tcp:127.0.0.1:80")}));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause
               == "app.service is not started; its last run exited with status 0; a connection to "
                  "web.socket starts it");
    BOOST_TEST(found->remedy == "`systemctl status web.socket` shows whether the socket listens");
}

BOOST_AUTO_TEST_CASE(no_connection_starts_a_unit_that_listens_itself) {
    const auto found = diagnose(
        symptoms_by({.properties = "ActiveState=inactive\nExecMainCode=1\nExecMainStatus=0\n",
                     .exec_start = run_with("--proxy=127.0.0.1:8080=tcp:127.0.0.1:80")}));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->cause.find("a connection to") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(missing_linger_is_not_the_cause_for_a_socket_activated_unit) {
    Symptoms symptoms =
        symptoms_by({.properties = "ActiveState=inactive\nExecMainCode=1\nExecMainStatus=0\n"
                                   "TriggeredBy=web.socket\n",
                     .exec_start = run_with("--proxy=tcp:127.0.0.1:80")});
    last_unit().user = 7;
    last_unit().user_without_linger = "anna";
    const auto found = diagnose(symptoms);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause
               == "app.service is not started; its last run exited with status 0; a connection to "
                  "web.socket starts it while anna is logged in");
    BOOST_TEST(found->remedy
               == "`systemctl --user status web.socket` shows whether the socket listens; if it "
                  "should listen without a session: `loginctl enable-linger anna`");
}

/// Returns systemd's answer about .socket units with this state.
std::vector<UnitFacts> sockets_with(std::string_view state, std::vector<std::string_view> names) {
    std::string answer;
    for (const std::string_view name : names)
        answer += concat("Id=", name, '\n', state, '\n');
    return read_units(answer);
}

BOOST_AUTO_TEST_CASE(the_remedy_starts_a_socket_that_does_not_listen) {
    Symptoms symptoms = symptoms_by({.properties = "ActiveState=inactive\nTriggeredBy=web.socket\n",
                                     .exec_start = run_with("--proxy=tcp:127.0.0.1:80")});
    symptoms.sockets = sockets_with("ActiveState=inactive\n", {"web.socket"});
    const auto found = diagnose(symptoms);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->cause == "app.service is not started, and web.socket does not listen");
    BOOST_TEST(found->remedy == "`systemctl enable --now web.socket`");
    symptoms.sockets = sockets_with("ActiveState=inactive\n", {"web.socket", "tls.socket"});
    BOOST_TEST(diagnose(symptoms)->remedy == "`systemctl enable --now web.socket tls.socket`");
    symptoms.sockets.back().active_state = "active";
    BOOST_TEST(diagnose(symptoms)->cause
               == "app.service is not started; a connection to tls.socket starts it");
}

BOOST_AUTO_TEST_CASE(a_failed_socket_is_the_cause_if_its_unit_is_not_started) {
    Symptoms symptoms =
        symptoms_by({.properties = "ActiveState=inactive\nTriggeredBy=app.timer web.socket\n",
                     .exec_start = run_with("--proxy=tcp:127.0.0.1:80")});
    symptoms.sockets = sockets_with("ActiveState=failed\nResult=resources\n", {"web.socket"});
    const auto found = diagnose(symptoms);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::problem));
    BOOST_TEST(found->cause
               == "app.service is not started; web.socket has failed (resources) and does not "
                  "listen");
    BOOST_TEST(found->remedy
               == "`systemctl status web.socket` shows why; then `systemctl restart web.socket`");
    last_unit().user = 7;
    last_unit().user_without_linger = "anna";
    BOOST_TEST(diagnose(symptoms)->remedy
               == "`systemctl --user status web.socket` shows why; then `systemctl --user restart "
                  "web.socket`");
    symptoms.sockets = sockets_with("ActiveState=active\nResult=success\n", {"web.socket"});
    BOOST_TEST((diagnose(symptoms)->verdict == Finding::Verdict::note));
}

BOOST_AUTO_TEST_CASE(the_remedy_for_a_failed_unit_restarts_its_failed_sockets) {
    const std::string state = "ActiveState=failed\nResult=service-start-limit-hit\n";
    Symptoms symptoms = symptoms_by(
        {.properties = concat(failed("exit-code", 125), "TriggeredBy=a.socket b.socket\n"),
         .exec_start = run_with("--proxy=tcp:127.0.0.1:80"),
         .log = "notifybridge run: --idle-timeout=0: give more than 0\n"});
    symptoms.sockets = sockets_with(state, {"a.socket"});
    BOOST_TEST(diagnose(symptoms)->cause
               == "app.service has failed (exit-code): --idle-timeout=0: give more than 0; "
                  "a.socket has failed (service-start-limit-hit) and does not listen");
    BOOST_TEST(diagnose(symptoms)->remedy == concat(follow, "; then `systemctl restart a.socket`"));
    last_unit().result = "start-limit-hit";
    symptoms.sockets = sockets_with(state, {"a.socket", "b.socket"});
    BOOST_TEST(diagnose(symptoms)->cause.find(
                   "; a.socket has failed (service-start-limit-hit) and does not listen, and "
                   "b.socket has failed")
               != std::string::npos);
    BOOST_TEST(diagnose(symptoms)->remedy
               == concat(follow,
                         "; then run `systemctl reset-failed app.service` and `systemctl restart "
                         "a.socket b.socket`"));
}

BOOST_AUTO_TEST_CASE(a_starting_unit_causes_a_note_with_its_condition) {
    const auto found = diagnose(symptoms_by(
        {.properties = "ActiveState=activating\nSubState=start\n"
                       "StatusText=waiting for tcp:127.0.0.1:6380: connection refused (3 s)\n"}));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(
        found->cause.starts_with("app.service is starting: waiting for \"tcp:127.0.0.1:6380"));
    BOOST_TEST(found->remedy.starts_with("if the app is only slow, set a longer TimeoutStartSec="));
    const auto silent =
        diagnose(symptoms_by({.properties = "ActiveState=activating\nSubState=start\n"}));
    BOOST_TEST(silent->cause == "app.service is starting, and its app has not been started yet");
    BOOST_TEST(silent->remedy == "");
    const auto loading = diagnose(symptoms_by(
        {.properties = "ActiveState=activating\nSubState=start\nStatusText=loading\n"}));
    BOOST_TEST(loading->cause == "app.service is starting: its last STATUS is \"loading\"");
    BOOST_TEST(loading->remedy == "");
    Symptoms again =
        symptoms_by({.properties = "ActiveState=activating\nSubState=start\nNRestarts=2\n"});
    BOOST_TEST(diagnose(again)->cause.find("is starting, after 2 restarts") != std::string::npos);
    BOOST_TEST(diagnose(again)->remedy == "`journalctl -u app.service` shows why it failed");
    again.has_run = true;
    BOOST_TEST(diagnose(again)->remedy == "`journalctl -u app.service` shows why it failed");
    last_unit().restarts = 0;
    BOOST_TEST(diagnose(again)->remedy.find("--ready-when=") != std::string::npos);
}

constexpr auto restarted = "ActiveState=activating\nSubState=start\nNRestarts=2\n";

/// Returns symptoms whose log is that of the last run, with the result that systemd has logged.
Symptoms restarted_symptoms(const DiagnosisSample& sample, const std::string& result = "") {
    Symptoms symptoms = symptoms_by(sample);
    symptoms.last_run = {.unit = last_unit(), .log = std::move(symptoms.log)};
    symptoms.last_run->unit.result = result;
    symptoms.last_run->unit.status_text.clear();
    symptoms.log.clear();
    return symptoms;
}

const std::vector<DiagnosisSample> restart_samples = {
    {.properties = restarted,
     .log = "cannot open /data\n[MAIN] the command exited with status 3 [command-ended]\n"
            "[MAIN] warning: the command exited with status 3 before READY=1 [before-ready]\nlc\n",
     .cause = "its output says \"the command exited with status 3\"; its last line is \"cannot "
              "open /data\"",
     .remedy = "fix what the app reports; its whole output: `journalctl -u app.service`",
     .writer = Writer::other},
    {.properties = restarted,
     .log = "notifybridge run: unknown option '--redy-when'; did you mean '--ready-when'?\n",
     .cause = "its output says \"unknown option '--redy-when'; did you mean '--ready-when'?\"",
     .remedy = concat("check this message; to edit the unit: ", edit),
     .writer = Writer::other},
    {.properties = restarted,
     .log = "Error: short-name \"x\" did not resolve\n[MAIN] the command exited with status 125 "
            "[command-ended]\n"
            "[MAIN] warning: the command exited with status 125 before the app started "
            "[app-not-started]\n",
     .cause = "the container was not started: \"Error: short-name",
     .remedy = concat("read the whole message: `journalctl -u app.service`; if it is about an "
                      "option, correct the command line: ",
                      edit),
     .writer = Writer::other},
    {.properties = restarted,
     .log = "[MAIN] error: cannot run \"/a\": No such file; check its path in this image "
            "[cannot-run]\n",
     .cause =
         "its output says \"cannot run \\\"/a\\\": No such file; check its path in this image\"",
     .remedy = "check that the image has this program, at this path",
     .writer = Writer::other},
    {.properties = restarted,
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; the app has not sent READY=1 "
            "[before-ready]\n[MAIN] the command exited with status 143 [command-ended]\n",
     .cause = "its output says \"SIGTERM arrived before READY=1; the app has not sent READY=1\"",
     .remedy = "`journalctl -u app.service`",
     .writer = Writer::other},
};

BOOST_DATA_TEST_CASE(a_unit_that_starts_again_shows_why_it_ended, restart_samples) {
    const auto found = diagnose(restarted_symptoms(sample));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(
        found->cause.starts_with(concat(
            "app.service is starting, after 2 restarts; its last run ended: ", sample.cause)),
        found->cause);
    BOOST_TEST(found->remedy.find(sample.remedy) != std::string::npos, found->remedy);
}

BOOST_AUTO_TEST_CASE(a_restart_loop_gets_the_remedy_of_a_failed_unit) {
    const auto slow = diagnose(restarted_symptoms(
        {.properties = concat(restarted, "StatusText=waiting for tcp:[::1]:9\n"),
         .exec_start = run_with("--ready-when=tcp:127.0.0.1:6379"),
         .log = "[MAIN] warning: a stop was requested before the command was "
                "ready: waiting for tcp:127.0.0.1:6379: connection refused "
                "(2 s); allow more time [stopped-early]\n"
                "[MAIN] warning: SIGTERM arrived before READY=1; x [before-ready]\n",
         .writer = Writer::other},
        "timeout"));
    BOOST_TEST(slow->cause
               == "app.service is starting, after 2 restarts; its last run ended: READY=1 did not "
                  "arrive within TimeoutStartSec= (4s): waiting for \"tcp:127.0.0.1:6379: "
                  "connection refused (2 s)\"");
    BOOST_TEST(slow->remedy.starts_with("if the app is only slow, set a longer TimeoutStartSec="));
    const DiagnosisSample seldom = {
        .properties = was_up(restarted),
        .log =
            "[MAIN] warning: SIGABRT arrived, which systemd sends if WATCHDOG=1 is late; the "
            "last WATCHDOG=1 was sent 2.1 s before [late-ping]\n",
        .writer = Writer::other};
    const auto late = diagnose(restarted_symptoms(seldom, "watchdog"));
    BOOST_TEST(late->cause.ends_with("its last run ended: WATCHDOG=1 did not arrive within "
                                     "WatchdogSec= (3s): the last WATCHDOG=1 was sent 2.1 s "
                                     "before"),
               late->cause);
    BOOST_TEST(late->remedy.starts_with("if the app pings less often, set WatchdogSec= above"));
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_active_again_shows_why_it_ended) {
    const DiagnosisSample active = {.properties =
                                        "ActiveState=active\nSubState=running\nNRestarts=1\n"
                                        "ActiveEnterTimestampMonotonic=2000\n"};
    const auto found = diagnose_restart(restarted_symptoms(active, "watchdog"));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause
               == "app.service is active, after 1 restart; its last run ended: WATCHDOG=1 did not "
                  "arrive within WatchdogSec= (3s)");
    BOOST_TEST(found->remedy.starts_with("if the app does not ping, add --alive-when="));
    BOOST_TEST(!diagnose_restart(restarted_symptoms(active, "success")));
    BOOST_TEST(!diagnose_restart(restarted_symptoms(active)));
    BOOST_TEST(!diagnose_restart(symptoms_by(active)));
}

BOOST_AUTO_TEST_CASE(a_restart_counts_for_some_minutes) {
    const UnitFacts& unit = symptoms_by({.properties = "ActiveState=active\nNRestarts=1\n"}).unit;
    BOOST_TEST(was_just_restarted(unit, {.monotonic = 200'000'000}));
    BOOST_TEST(!was_just_restarted(unit, {.monotonic = 400'000'000}));
    last_unit().active_state = "activating";
    BOOST_TEST(was_just_restarted(unit, {.monotonic = 400'000'000}));
    last_unit().restarts = 0;
    BOOST_TEST(!was_just_restarted(unit, {.monotonic = 200'000'000}));
}

BOOST_AUTO_TEST_CASE(the_note_about_a_starting_unit_mentions_an_ignored_ready_1) {
    const auto found = diagnose(symptoms_by(
        {.properties = "ActiveState=activating\nSubState=start\n", .log = ignored_log}));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause.starts_with("app.service is starting: wrap is ignoring READY=1 of a"));
    BOOST_TEST(found->remedy.starts_with("remove --notify-access=main"));
}

BOOST_AUTO_TEST_CASE(a_user_without_linger_is_reported_as_the_cause) {
    Symptoms symptoms = symptoms_by({.properties = "ActiveState=inactive\n"});
    last_unit().user = 7;
    last_unit().user_without_linger = "anna";
    const auto found = diagnose(symptoms);
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->cause.find("units of anna end with the last session") != std::string::npos);
    BOOST_TEST(found->remedy
               == "`loginctl enable-linger anna`, then `systemctl --user start app.service`");
}

BOOST_AUTO_TEST_CASE(control_characters_of_a_units_log_are_escaped) {
    const auto found = diagnose(
        symptoms_by({.properties = failed("exit-code", 1), .log = "\x1b[31mred\x1b[0m\n"}));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->cause.find('\x1b') == std::string::npos);
    BOOST_TEST(found->cause.find("\\x1b[31mred") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
