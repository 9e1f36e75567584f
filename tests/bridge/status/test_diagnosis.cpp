#include "bridge/status/diagnosis.hpp"

#include <signal.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "base/util/concat.hpp"

namespace notifybridge::status {
namespace {

using util::concat;

const std::string run_redis = "/usr/bin/notifybridge run podman run --rm docker.io/library/redis";

std::string run_with(std::string_view options) {
    return concat("/usr/bin/notifybridge run ", options, " podman run --rm redis");
}

/// A unit's properties and log, and the diagnosis that is expected.
struct DiagnosisSample {
    std::string properties;
    std::string exec_start = run_redis;
    std::string log = {};
    std::string cause = {};
    std::string remedy = {};
};

std::ostream& operator<<(std::ostream& out, const DiagnosisSample& sample) {
    return out << sample.properties << sample.exec_start << ' ' << sample.log;
}

constexpr std::string_view common =
    "Id=app.service\nType=notify\nNotifyAccess=main\nKillMode=control-group\nRestart=no\n"
    "TimeoutStartUSec=4s\nTimeoutStopUSec=2s\nWatchdogUSec=3s\nStartLimitBurst=5\n"
    "ExecMainStartTimestampMonotonic=1000\n";

Symptoms symptoms_by(const DiagnosisSample& sample) {
    const std::string answer =
        concat(common, sample.properties, "ExecStart={ path=/x ; argv[]=", sample.exec_start,
               " ; ignore_errors=no }\n");
    const auto units = read_units(answer);
    BOOST_REQUIRE(units.size() == 1u);
    return symptoms_of(units.front(), read_log(sample.log));
}

std::string failed(std::string_view result, int status = 0) {
    return concat("ActiveState=failed\nSubState=failed\nResult=", result,
                  "\nExecMainCode=1\nExecMainStatus=", status, '\n');
}

std::string timed_out(std::string_view status_text) {
    return concat(failed("timeout"), "StatusText=", status_text, '\n');
}

std::string killed(std::string_view result, int signal) {
    return concat("ActiveState=failed\nSubState=failed\nResult=", result,
                  "\nExecMainCode=2\nExecMainStatus=", signal, '\n');
}

std::string was_up(std::string_view properties) {
    return concat(properties, "ActiveEnterTimestampMonotonic=2000\n");
}

const std::string edit = "`systemctl edit --full app.service`";

constexpr auto ignored_log =
    "[MAIN 12:00:00] warning: ignoring READY=1 of a process that is not the command "
    "(--notify-access=main): pid 3; remove --notify-access=main, start the app\n";

constexpr auto no_answer =
    "docker: Error response from daemon: failed to create task for container: failed to create "
    "shim task: OCI runtime create failed: unable to retrieve OCI runtime error (open "
    "/run/containerd/x/log.json: no such file or directory): ";

const std::vector<DiagnosisSample> failure_samples = {
    // Errors before anything was started.
    {.properties = failed("exit-code", 125),
     .log = "notifybridge run: unknown option '--redy-when'; did you mean '--ready-when'?\n",
     .cause = "app.service has failed (exit-code): unknown option '--redy-when'",
     .remedy = concat("did you mean '--ready-when'? (", edit, ')')},
    {.properties = failed("exit-code", 125),
     .log = "notifybridge run: --ready-when=\"https://a; b\": https is not supported; use exec:\n",
     .cause = "--ready-when=\"https://a; b\": https is not supported",
     .remedy = "use exec:"},
    {.properties = failed("exit-code", 125),
     .log = "notifybridge run: docker has no runtime notifybridge; `systemctl reload docker`\n",
     .cause = "docker has no runtime",
     .remedy = "`systemctl reload docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = run_with("--proxy=tcp:127.0.0.1:80"),
     .log = "notifybridge run: --proxy=tcp:127.0.0.1:80: systemd has passed no socket "
            "(LISTEN_FDS); create a .socket unit of the same name\n",
     .cause = "systemd has passed no socket (LISTEN_FDS)",
     .remedy = "of the same name (`systemctl edit --full --force app.socket`)"},
    {.properties = failed("exit-code", 125),
     .exec_start = run_with("--proxy=tcp:127.0.0.1:80"),
     .log =
         "notifybridge run: systemd has passed 2 sockets (\"a\", \"a\"); if all sockets are for "
         "this target, give --proxy=a=tcp:127.0.0.1:80; otherwise write a .socket unit for each\n",
     .cause = "systemd has passed 2 sockets (\"a\", \"a\")",
     .remedy = concat("otherwise write a .socket unit for each (", edit, ')')},
    // Errors of systemd.
    {.properties = failed("exit-code", 203),
     .cause = "cannot execute the program of ExecStart= (203/EXEC)",
     .remedy = edit},
    {.properties = failed("exit-code", 217), .cause = "exit status 217", .remedy = "journalctl"},
    {.properties = "ActiveState=failed\nResult=resources\n",
     .cause = "did not start its main process",
     .remedy = "`journalctl -u app.service` shows why"},
    // Errors of the container manager.
    {.properties = failed("exit-code", 125),
     .log = "Trying to pull localhost/none:latest...\n"
            "Error: initializing source docker://localhost/none:latest: connection refused\n",
     .cause = "the image cannot be pulled: \"Error: initializing source",
     .remedy = "`podman pull docker.io/library/redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log =
         "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n"
         "See 'docker run --help'.\n[MAIN] error: the command exited with status 125; no wrap has "
         "started in\n",
     .cause = "docker's daemon is not running: \"docker: Cannot connect",
     .remedy = "`systemctl start docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: unknown or invalid runtime name: notifybridge.\n",
     .cause = "docker does not know the runtime notifybridge",
     .remedy = "`notifybridge runtime --configure=docker && systemctl reload docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: Unknown runtime specified notifybridge.\n",
     .cause = "docker does not know the runtime notifybridge",
     .remedy = "runtime --configure=docker"},
    {.properties = failed("exit-code", 127),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log =
         "docker: Error response from daemon: error while looking up the specified runtime path: "
         "exec: \"/usr/local/bin/notifybridge\": stat /usr/local/bin/notifybridge: no such file "
         "or directory\n",
     .cause = "docker's settings name a path of notifybridge that does not exist: \"docker: Error",
     .remedy = "`notifybridge runtime --configure=docker && systemctl reload docker`"},
    {.properties = failed("exit-code", 127),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = concat(no_answer,
                   "fork/exec /usr/local/bin/notifybridge: no such file or directory: unknown\n"),
     .cause = "docker's settings name a path of notifybridge that does not exist: \"docker: Error",
     .remedy = "`notifybridge runtime --configure=docker && systemctl reload docker`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = concat(no_answer,
                   "/var/lib/docker/runtimes/notifybridge did not terminate successfully: exit "
                   "status 127: exec: 3: /usr/local/bin/notifybridge: not found\n: unknown\n\nRun "
                   "'docker run --help' for more information\n"),
     .cause = "docker's settings name a path of notifybridge that does not exist",
     .remedy = "runtime --configure=docker"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = concat(no_answer, "runc did not terminate successfully: exit status 1: unknown\n"),
     .cause = "the container was not started",
     .remedy = concat("correct the command line: ", edit)},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "Unable to find image 'redis:latest' locally\n"
            "docker: Error response from daemon: failed to resolve reference "
            "\"docker.io/library/redis:latest\": docker.io/library/redis:latest: not found\n\n"
            "Run 'docker run --help' for more information\n",
     .cause = "the image cannot be pulled: \"docker: Error response",
     .remedy = "`docker pull redis`"},
    {.properties = failed("exit-code", 125),
     .exec_start = "/usr/bin/notifybridge run docker run redis",
     .log = "docker: Error response from daemon: failed to resolve reference "
            "\"docker.io/library/redis:latest\": pull access denied, repository does not exist or "
            "may require authorization: server message: insufficient_scope: authorization failed\n",
     .cause = "there is no such image, or the registry refuses it",
     .remedy = "`docker pull redis`"},
    {.properties = failed("exit-code", 125),
     .log = "Error: creating container storage: the container name \"x\" is already in use by a\n",
     .cause = "a container of this name already exists",
     .remedy = concat("add --replace to podman run (", edit, ')')},
    {.properties = failed("exit-code", 127),
     .exec_start = "/usr/bin/host-notify-waiter podman run redis",
     .log = "Error: crun: executable file `/opt/container-notify-wrapper` not found in $PATH\n",
     .cause = "the container does not have container-notify-wrapper",
     .remedy = "-v /usr/bin/notifybridge:/opt/container-notify-wrapper:ro"},
    {.properties = failed("exit-code", 125),
     .log = "Error: invalid reference format\n",
     .cause = "the container was not started: \"Error: invalid reference format\"",
     .remedy = edit},
    {.properties = failed("exit-code", 125),
     .cause = "notifybridge or the container manager could not start the app",
     .remedy = "`journalctl -u app.service` shows why"},
    // Errors of the app.
    {.properties = failed("exit-code", 127),
     .log = "[MAIN 12:00:00] error: cannot run \"/no/such\": No such file; check its path in this\n"
            "<6>[MAIN] The command exited\n",
     .cause = "cannot run \"/no/such\": No such file",
     .remedy = "check its path"},
    {.properties = failed("exit-code", 3),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .log = "cannot open /data\n[MAIN 12:00:00] error: the command ended before it was ready: "
            "exited with status 3, waiting for tcp:127.0.0.1:1: connection refused\n",
     .cause = "the app ended before it was ready: it exited with status 3; its last line is "
              "\"cannot open /data\"",
     .remedy = "`journalctl -u app.service`"},
    {.properties = failed("exit-code", 139),
     .log = "half a word\n",
     .cause = "the app was killed by SIGSEGV; its last line is \"half a word\"",
     .remedy = "fix what the app reports"},
    {.properties = failed("protocol"),
     .cause = "the app ended with status 0 before it was ready",
     .remedy = "stays in the foreground"},
    {.properties = failed("protocol"),
     .exec_start = "/usr/bin/notifybridge run podman create --name=create redis",
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
     .log = "[MAIN 12:00:00] error: the run broke off: wrap was killed\n",
     .cause = "the run broke off: wrap was killed",
     .remedy = "`systemctl restart app.service`"},
    {.properties = was_up(failed("exit-code", 1)),
     .log = "out of disk\n",
     .cause = "the app exited with status 1; its last line is \"out of disk\"",
     .remedy = "fix what"},
    // Apps that were not ready in time.
    {.properties = timed_out("waiting for tcp:127.0.0.1:6380: connection refused (3 s)"),
     .cause =
         "READY=1 did not arrive within TimeoutStartSec= (4s): waiting for tcp:127.0.0.1:6380: "
         "connection refused (3 s)",
     .remedy = concat("nothing listens on that port in the container: add "
                      "--ready-when=tcp:127.0.0.1:PORT to ExecStart= (",
                      edit, ')')},
    {.properties = timed_out("waiting for tcp:127.0.0.1:8080: connection refused (3 s)"),
     .exec_start = run_with("--proxy=unix:/x --proxy=web=tcp:127.0.0.1:8080"),
     .cause = "waiting for tcp:127.0.0.1:8080",
     .remedy = "add --proxy=web=tcp:127.0.0.1:PORT to ExecStart="},
    {.properties = timed_out("waiting for tcp:127.0.0.1:8080: connection refused (3 s)"),
     .exec_start = run_with("--proxy tcp:127.0.0.1:80 --ready-when=tcp:127.0.0.1:8080"),
     .cause = "waiting for tcp:127.0.0.1:8080",
     .remedy = "add --ready-when=tcp:127.0.0.1:PORT to ExecStart="},
    {.properties = timed_out("waiting for http://10.0.0.9:80/up: network is unreachable (3 s)"),
     .cause = "network is unreachable",
     .remedy = "inside the container: add --ready-when=http://127.0.0.1:80/up to"},
    {.properties = timed_out(""),
     .log =
         "[MAIN 12:00:00] warning: a stop was requested before the command was ready: waiting for "
         "file:/run/up: No such file or directory (4 s); check whether --ready-when is right\n",
     .cause = "waiting for file:/run/up: No such file or directory (4 s)",
     .remedy = "set TimeoutStartSec= (`systemctl edit app.service`)"},
    {.properties = timed_out("waiting for tcp:127.0.0.1:16379: connection refused (3 s)"),
     .exec_start = "/usr/bin/notifybridge run podman run -p 127.0.0.1:16379:6379/tcp redis",
     .cause = "waiting for tcp:127.0.0.1:16379",
     .remedy = "where port 16379 of the host is port 6379: add --ready-when=tcp:127.0.0.1:6379 to"},
    {.properties = timed_out("waiting for tcp:127.0.0.1:80: connection refused (3 s)"),
     .exec_start = "/usr/bin/notifybridge run podman run -p 80:80 --publish=81:8081 redis",
     .cause = "waiting for tcp:127.0.0.1:80",
     .remedy = "nothing listens on that port"},
    {.properties = timed_out("waiting for tcp:127.0.0.1:80: connection refused (3 s)"),
     .exec_start = "/usr/bin/notifybridge wrap --ready-when=tcp:127.0.0.1:80 server",
     .cause = "waiting for tcp:127.0.0.1:80",
     .remedy = "nothing listens on that port: add"},
    {.properties =
         timed_out("waiting for exec:redis-clii ping: sh: 1: redis-clii: not found (3 s)"),
     .cause = "waiting for exec:redis-clii ping: sh: 1: redis-clii: not found",
     .remedy = concat("correct the command of exec:, or add the missing program to the image (",
                      edit, ')')},
    {.properties = timed_out("waiting for exec:redis-clii: exited with status 127 (3 s)"),
     .exec_start = "/usr/bin/notifybridge wrap --ready-when=exec:redis-clii server",
     .cause = "exited with status 127",
     .remedy = "or install the missing program"},
    {.properties = timed_out("waiting for the health check: /bin/sh: 1: curl: not found (3 s)"),
     .cause = "waiting for the health check: /bin/sh: 1: curl: not found",
     .remedy = concat(
         "correct the command of the health check, or add the missing program to the image (", edit,
         ')')},
    {.properties =
         timed_out("waiting for the health check: cannot run \"/bin/sh\": No such file or "
                   "directory (3 s)"),
     .cause = "waiting for the health check: cannot run \"/bin/sh\": No such file or directory",
     .remedy = concat("give a health check whose program is in the image: add "
                      "'--health-cmd=[\"CMD\", \"PROGRAM\"]' or --ready-when=tcp:127.0.0.1:PORT to "
                      "ExecStart= (",
                      edit, ')')},
    {.properties = concat("SourcePath=/etc/containers/systemd/app.container\n",
                          timed_out("waiting for the health check: cannot run \"/bin/no\": No such "
                                    "file or directory (3 s)")),
     .exec_start = "/usr/bin/podman run redis",
     .cause = "waiting for the health check: cannot run \"/bin/no\"",
     .remedy = "set HealthCmd=[\"CMD\", \"PROGRAM\"] in [Container] of "
               "/etc/containers/systemd/app.container"},
    {.properties = timed_out("waiting for the health check: cannot run \"/check\": Permission "
                             "denied (3 s)"),
     .cause = "cannot run \"/check\": Permission denied",
     .remedy = "correct the command of the health check, or"},
    {.properties = timed_out("waiting for exec:true: cannot run \"/bin/sh\": No such file or "
                             "directory (3 s)"),
     .cause = "waiting for exec:true: cannot run \"/bin/sh\"",
     .remedy = "correct the command of exec:, or add the missing program to the image"},
    {.properties = timed_out("waiting for the health check: connection refused (3 s)"),
     .cause = "waiting for the health check: connection refused",
     .remedy = "if the health check is right and the app is only slow, add "
               "--health-start-period= to ExecStart="},
    {.properties = timed_out("waiting for exec:redis-cli: exited with status 1 (3 s)"),
     .cause = "exited with status 1",
     .remedy = "set TimeoutStartSec="},
    {.properties = timed_out("Starting podman: pulling docker.io/library/redis (6 s)"),
     .cause = "Starting podman: pulling docker.io/library/redis (6 s)",
     .remedy = "`podman pull docker.io/library/redis`"},
    {.properties = timed_out(""),
     .exec_start = "/usr/bin/notifybridge run podman run --health-interval=0 redis",
     .cause = "the app did not send READY=1, and no probe is set: --health-interval=0 turns the "
              "health check off",
     .remedy = concat("if the image has a health check, remove --health-interval=0; otherwise add "
                      "--ready-when=tcp:127.0.0.1:PORT to ExecStart= (",
                      edit, ')')},
    {.properties = timed_out("loading"),
     .cause = "no probe is set; its last STATUS is \"loading\"",
     .remedy = "add --ready-when=tcp:127.0.0.1:PORT"},
    {.properties = timed_out("loading"),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .cause = "the app was not ready; its last STATUS is \"loading\"",
     .remedy = "set TimeoutStartSec="},
    {.properties = timed_out("Starting a, b"),
     .exec_start = "/usr/bin/host-notify-waiter podman run box /usr/bin/notifybridge init",
     .cause = "init did not reach its target unit; its last STATUS is \"Starting a, b\"",
     .remedy = "set TimeoutStartSec="},
    {.properties = timed_out(""),
     .exec_start = "/usr/bin/host-notify-waiter podman run redis",
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; no wrap has started in /run/a: the "
            "container "
            "mounts /run/b at /shared; use the same directory in both\n",
     .cause = "no wrap has started in /run/a: the container mounts /run/b at /shared",
     .remedy = concat("use the same directory in both (", edit, ')')},
    {.properties = timed_out(""),
     .log = ignored_log,
     .cause =
         "READY=1 did not arrive within TimeoutStartSec= (4s): wrap ignored READY=1 of a process "
         "that is not the command (--notify-access=main): pid 3",
     .remedy =
         concat("remove --notify-access=main, start the app with `exec` in its script, or let "
                "the command send MAINPID= with the app's pid (",
                edit, ')')},
    {.properties = timed_out("waiting for notify: it has not sent READY=1 (3 s)"),
     .exec_start = run_with("--ready-when=notify"),
     .log = ignored_log,
     .cause = "wrap ignored READY=1 of a process that is not the command",
     .remedy = "remove --notify-access=main"},
    {.properties = timed_out("waiting for tcp:127.0.0.1:1: connection refused (3 s)"),
     .log = ignored_log,
     .cause = "waiting for tcp:127.0.0.1:1",
     .remedy = "nothing listens on that port"},
    // Failures during a stop and later.
    {.properties = was_up(failed("exit-code", 137)),
     .log = "ready\n[MAIN 12:00:00] warning: sending SIGKILL, because the stop took longer than 3s "
            "(--stop-timeout)\n",
     .cause =
         "the app did not end within 3s (--stop-timeout) after its stop signal, and was killed",
     .remedy = concat("add a longer --stop-timeout= to ExecStart= (", edit,
                      "), and set TimeoutStopSec= (`systemctl edit app.service`) to more")},
    {.properties = was_up(killed("timeout", SIGKILL)),
     .exec_start = run_with("--stop-timeout=30"),
     .cause = "did not stop within TimeoutStopSec= (2s), and systemd killed it; --stop-timeout is "
              "30",
     .remedy = "set TimeoutStopSec= (`systemctl edit app.service`) to more"},
    {.properties = was_up(killed("timeout", SIGKILL)),
     .cause = "did not stop within TimeoutStopSec= (2s)",
     .remedy = "to what the app needs"},
    {.properties = was_up(failed("watchdog", 2)),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:6379"),
     .log = "SIGABRT: abort\n",
     .cause = "WATCHDOG=1 did not arrive within WatchdogSec= (3s)",
     .remedy = "add --alive-when=tcp:127.0.0.1:6379 to ExecStart="},
    {.properties = was_up(failed("watchdog", 2)),
     .exec_start = run_with("--alive-when=tcp:127.0.0.1:6379"),
     .cause = "--alive-when=tcp:127.0.0.1:6379 did not succeed",
     .remedy = "shows why the app hung"},
    {.properties = was_up(failed("watchdog", 2)),
     .log = "[MAIN 12:00:00] error: unhealthy: curl: (7) Failed to connect\n",
     .cause = "WatchdogSec= (3s): the container was unhealthy: curl: (7) Failed to connect",
     .remedy = "shows why the app failed its health check"},
    {.properties = concat(was_up(killed("signal", SIGKILL)), "KillMode=process\n"),
     .cause = "its main process was killed by SIGKILL, and KillMode=process left",
     .remedy = "set KillMode=mixed"},
    {.properties = was_up(killed("signal", SIGKILL)),
     .cause = "was killed by SIGKILL: something killed it",
     .remedy = "`systemctl restart app.service`; so that systemd restarts it next time, set "
               "Restart=on-failure"},
    {.properties = was_up(killed("oom-kill", SIGKILL)),
     .cause = "out of memory",
     .remedy = "set MemoryMax="},
    // Units that are started again and again.
    {.properties = concat(failed("exit-code", 3), "NRestarts=5\nRestart=always\n"),
     .log = "cannot open /data\n",
     .cause = "has failed 5 times in a row, and systemd does not start it again: the app exited "
              "with status 3; its last line is \"cannot open /data\"",
     .remedy = "; then `systemctl reset-failed app.service` and start it"},
    {.properties = "ActiveState=activating\nSubState=auto-restart\nResult=exit-code\n"
                   "ExecMainCode=1\nExecMainStatus=3\nNRestarts=2\n",
     .log = "cannot open /data\n",
     .cause = "has failed and will be restarted (exit-code): the app exited with status 3",
     .remedy = "fix what"},
    {.properties = "ActiveState=deactivating\nSubState=stop-sigterm\nResult=timeout\n",
     .cause = "app.service has failed and is stopping (timeout): READY=1 did not arrive",
     .remedy = "add --ready-when="},
    // Units that run, or that have not failed.
    {.properties = "ActiveState=inactive\nExecMainCode=1\nExecMainStatus=0\n",
     .cause = "app.service is not started; its last run exited with status 0",
     .remedy = "`systemctl start app.service`"},
    {.properties = "ActiveState=active\nType=simple\nNotifyAccess=none\n",
     .cause = "Type=simple, NotifyAccess=none: systemd does not wait for READY=1, and drops",
     .remedy = "set Type=notify (`systemctl edit app.service`)"},
    {.properties = "ActiveState=active\nNotifyAccess=all\nSourcePath=/etc/q/app.container\n",
     .exec_start = "/usr/bin/podman --hooks-dir=/x run --sdnotify=conmon "
                   "--env NOTIFYBRIDGE_OPTIONS=--ready-when=tcp:127.0.0.1:1 redis",
     .cause = "Notify=true is missing",
     .remedy = "set Notify=true in [Container] of /etc/q/app.container, then `systemctl "
               "daemon-reload`"},
    {.properties = concat(timed_out("waiting for tcp:127.0.0.1:1: connection refused (3 s)"),
                          "SourcePath=/etc/q/app.container\n"),
     .exec_start = "/usr/bin/podman run --sdnotify=container redis",
     .cause = "waiting for tcp:127.0.0.1:1",
     .remedy = "add --ready-when=tcp:127.0.0.1:PORT to Environment=NOTIFYBRIDGE_OPTIONS=… in "
               "/etc/q/app.container"},
};

BOOST_AUTO_TEST_SUITE(diagnosis)

BOOST_DATA_TEST_CASE(a_failed_unit_has_one_cause_and_one_remedy, failure_samples) {
    const auto found = diagnose(symptoms_by(sample));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST_INFO(found->cause);
    BOOST_TEST(found->cause.find(sample.cause) != std::string::npos);
    BOOST_TEST_INFO(found->remedy);
    BOOST_TEST(found->remedy.find(sample.remedy) != std::string::npos);
    BOOST_TEST((found->verdict == Finding::Verdict::problem));
}

BOOST_AUTO_TEST_CASE(an_active_unit_with_good_settings_has_no_diagnosis) {
    for (const char* const properties :
         {"ActiveState=active\n", "ActiveState=active\nType=notify-reload\n",
          "ActiveState=active\nType=oneshot\nNotifyAccess=all\n"})
        BOOST_TEST(!diagnose(symptoms_by({.properties = properties})).has_value());
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

BOOST_AUTO_TEST_CASE(missing_linger_is_not_the_cause_for_a_socket_activated_unit) {
    Symptoms symptoms =
        symptoms_by({.properties = "ActiveState=inactive\nExecMainCode=1\nExecMainStatus=0\n"
                                   "TriggeredBy=web.socket\n",
                     .exec_start = run_with("--proxy=tcp:127.0.0.1:80")});
    symptoms.unit.user = 7;
    symptoms.unit.user_without_linger = "anna";
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
    symptoms.unit.user = 7;
    symptoms.unit.user_without_linger = "anna";
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
    BOOST_TEST(diagnose(symptoms)->remedy
               == concat("correct it (", edit, "); then `systemctl restart a.socket`"));
    symptoms.unit.result = "start-limit-hit";
    symptoms.sockets = sockets_with(state, {"a.socket", "b.socket"});
    BOOST_TEST(diagnose(symptoms)->cause.find(
                   "; a.socket has failed (service-start-limit-hit) and does not listen, and "
                   "b.socket has failed")
               != std::string::npos);
    BOOST_TEST(diagnose(symptoms)->remedy
               == concat("correct it (", edit,
                         "); then `systemctl reset-failed app.service` and `systemctl restart "
                         "a.socket b.socket`"));
}

BOOST_AUTO_TEST_CASE(a_starting_unit_causes_a_note_with_its_condition) {
    const auto found = diagnose(symptoms_by(
        {.properties = "ActiveState=activating\nSubState=start\n"
                       "StatusText=waiting for tcp:127.0.0.1:6380: connection refused (3 s)\n"}));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause.starts_with("app.service is starting: waiting for tcp:127.0.0.1:6380"));
    BOOST_TEST(found->remedy.starts_with("nothing listens on that port in the container"));
    const auto silent =
        diagnose(symptoms_by({.properties = "ActiveState=activating\nSubState=start\n"}));
    BOOST_TEST(silent->cause == "app.service is starting, and its app has not been started yet");
    BOOST_TEST(silent->remedy == "");
    Symptoms again =
        symptoms_by({.properties = "ActiveState=activating\nSubState=start\nNRestarts=2\n"});
    BOOST_TEST(diagnose(again)->cause.find("is starting, after 2 restarts") != std::string::npos);
    BOOST_TEST(diagnose(again)->remedy == "`journalctl -u app.service` shows why it failed");
    again.has_run = true;
    BOOST_TEST(diagnose(again)->remedy.find("--ready-when=") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_note_about_a_starting_unit_mentions_an_ignored_ready_1) {
    const auto found = diagnose(symptoms_by(
        {.properties = "ActiveState=activating\nSubState=start\n", .log = ignored_log}));
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST((found->verdict == Finding::Verdict::note));
    BOOST_TEST(found->cause.starts_with("app.service is starting: wrap ignored READY=1 of a"));
    BOOST_TEST(found->remedy.starts_with("remove --notify-access=main"));
}

BOOST_AUTO_TEST_CASE(a_user_without_linger_is_reported_as_the_cause) {
    Symptoms symptoms = symptoms_by({.properties = "ActiveState=inactive\n"});
    symptoms.unit.user = 7;
    symptoms.unit.user_without_linger = "anna";
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
}  // namespace notifybridge::status
