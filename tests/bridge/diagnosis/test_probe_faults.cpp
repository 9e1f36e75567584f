#include "bridge/diagnosis/probe_faults.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

/// The beginning of the remedy if the app may only be slow.
const std::string slow =
    "if the app is only slow, set a longer TimeoutStartSec= (`systemctl edit app.service`); ";

const std::vector<DiagnosisSample> unmet_probes = {
    {.properties = timed_out("waiting for tcp:127.0.0.1:6380: connection refused (3 s)"),
     .cause =
         "READY=1 did not arrive within TimeoutStartSec= (4s): waiting for \"tcp:127.0.0.1:6380: "
         "connection refused (3 s)",
     .remedy = concat(slow, "otherwise correct --ready-when= (", edit, ')')},
    // The port is suspected only if the app listens on another one.
    {.properties = timed_out("waiting for tcp:127.0.0.1:6380: connection refused, but something "
                             "listens on 127.0.0.1:6379 (3 s)"),
     .cause = "waiting for \"tcp:127.0.0.1:6380: connection refused, but something listens on "
              "127.0.0.1:6379 (3 s)",
     .remedy = concat(slow,
                      "if it is ready when it listens on 127.0.0.1:6379, change the option to "
                      "--ready-when=tcp:127.0.0.1:6379 in ExecStart= (",
                      edit, ')')},
    {.properties = timed_out("waiting for tcp:127.0.0.1:8080: connection refused, but "
                             "something listens on 10.0.0.2:8080 and [::1]:81 (3 s)"),
     .exec_start = run_with("--proxy=unix:/x --proxy=web=tcp:127.0.0.1:8080"),
     .cause = "but something listens on 10.0.0.2:8080 and [::1]:81",
     .remedy = concat(slow,
                      "if it is ready when it listens on 10.0.0.2:8080 and [::1]:81, change the "
                      "option to --proxy=web=tcp:ADDRESS:PORT in ExecStart=")},
    {.properties = timed_out("waiting for listen:6380: nothing listens there, but something "
                             "listens on 0.0.0.0:6379 (3 s)"),
     .exec_start = run_with("--ready-when=listen:6380"),
     .cause = "waiting for \"listen:6380: nothing listens there, but something listens on "
              "0.0.0.0:6379",
     .remedy = concat(slow,
                      "if it is ready when it listens on 0.0.0.0:6379, change the option to "
                      "--ready-when=listen:6379 in ExecStart= (")},
    {.properties = timed_out("waiting for listen:16379: nothing listens there (3 s)"),
     .exec_start = "/usr/bin/notifybridge run podman run -p 127.0.0.1:16379:6379/tcp redis",
     .cause = "waiting for \"listen:16379",
     .remedy = "where port 16379 of the host is port 6379: change the option to "
               "--ready-when=listen:6379 in"},
    {.properties = timed_out("waiting for db (3 s)"),
     .exec_start = "/usr/bin/host-notify-waiter --member db --member web docker compose up",
     .cause = "waiting for \"db (3 s)",
     .remedy = concat(slow, "otherwise start the missing container, or read its log")},
    // The published ports.
    {.properties = timed_out("waiting for port 80: the app listens on 127.0.0.1:80 only, which "
                             "published ports never reach (3 s)"),
     .exec_start = "/usr/bin/notifybridge run podman run -p 8080:80 web",
     .cause = "waiting for \"port 80: the app listens on 127.0.0.1:80 only, which published ports "
              "never reach",
     .remedy = "let the app listen on all addresses, such as 0.0.0.0 or [::]: in a container, an "
               "app on 127.0.0.1 or [::1] has no clients from outside"},
    {.properties = timed_out("waiting for port 80: nothing listens there, but something listens "
                             "on 0.0.0.0:8080 (3 s)"),
     .exec_start = "/usr/bin/notifybridge run podman run -p 80:80 web",
     .cause = "waiting for \"port 80: nothing listens there, but something listens on "
              "0.0.0.0:8080",
     .remedy = concat(slow,
                      "if its clients use 0.0.0.0:8080, let -p publish that port of the container "
                      "(",
                      edit, ')')},
    {.properties = timed_out("waiting for ports 80 and 443: nothing listens there (3 s)"),
     .exec_start = "/usr/bin/notifybridge run --ready-when=listen podman run -p 80:80 web",
     .cause = "waiting for \"ports 80 and 443: nothing listens there",
     .remedy = concat(slow, "otherwise let -p name the port that the app listens on (", edit,
                      "), or add --ready-when=PROBE to ExecStart= (")},
    {.properties = timed_out("waiting for unix:/run/web: No such file or directory (3 s)"),
     .exec_start = run_with("--proxy=unix:/run/web"),
     .cause = "waiting for \"unix:/run/web",
     .remedy = concat(slow, "otherwise correct --proxy= (", edit, ')')},
    {.properties = timed_out("waiting for http://10.0.0.9:80/up: network is unreachable (3 s)"),
     .cause = "network is unreachable",
     .remedy = "inside the container: change the option to --ready-when=http://127.0.0.1:80/up in"},
    // The probe already has a loopback address, so the remedy does not suggest 127.0.0.1.
    {.properties = timed_out("waiting for tcp:127.0.0.1:80: no answer in time (3 s)"),
     .cause = "waiting for \"tcp:127.0.0.1:80: no answer in time",
     .remedy = concat(slow, "otherwise correct --ready-when= (", edit, ')')},
    {.properties = timed_out("waiting for http://[::1]:80/up: network is unreachable (3 s)"),
     .cause = "network is unreachable",
     .remedy = concat(slow, "otherwise correct --ready-when= (", edit, ')')},
    {.properties = timed_out("waiting for tcp:db:5432: no answer in time (3 s)"),
     .cause = "no answer in time",
     .remedy = concat(slow,
                      "otherwise probes run inside the container: change the option to "
                      "--ready-when=tcp:127.0.0.1:5432 in")},
    {.properties = timed_out(""),
     .log =
         "[MAIN 12:00:00] warning: a stop was requested before the command was ready: waiting for "
         "file:/run/up: No such file or directory (4 s); check whether --ready-when is right "
         "[stopped-early]\n",
     .cause = "waiting for \"file:/run/up: No such file or directory (4 s)",
     .remedy = "set a longer TimeoutStartSec= (`systemctl edit app.service`)"},
    {.properties = timed_out("waiting for tcp:127.0.0.1:16379: connection refused (3 s)"),
     .exec_start = "/usr/bin/notifybridge run podman run -p 127.0.0.1:16379:6379/tcp redis",
     .cause = "waiting for \"tcp:127.0.0.1:16379",
     .remedy = "where port 16379 of the host is port 6379: change the option to "
               "--ready-when=tcp:127.0.0.1:6379 in"},
    {.properties = timed_out("waiting for tcp:127.0.0.1:80: connection refused (3 s)"),
     .exec_start = "/usr/bin/notifybridge run podman run -p 80:80 --publish=81:8081 redis",
     .cause = "waiting for \"tcp:127.0.0.1:80",
     .remedy = slow},
    {.properties = timed_out("waiting for tcp:127.0.0.1:80: connection refused (3 s)"),
     .exec_start = "/usr/bin/notifybridge wrap --ready-when=tcp:127.0.0.1:80 server",
     .cause = "waiting for \"tcp:127.0.0.1:80",
     .remedy = slow},
    {.properties =
         timed_out("waiting for exec:redis-clii ping: sh: 1: redis-clii: not found (3 s)"),
     .cause = "waiting for \"exec:redis-clii ping: sh: 1: redis-clii: not found",
     .remedy = concat("correct the command of exec:, or add the missing program to the image (",
                      edit, ')')},
    {.properties = timed_out("waiting for exec:redis-clii: exited with status 127 (3 s)"),
     .exec_start = "/usr/bin/notifybridge wrap --ready-when=exec:redis-clii server",
     .cause = "exited with status 127",
     .remedy = "or install the missing program"},
    {.properties = timed_out("waiting for the health check: /bin/sh: 1: curl: not found (3 s)"),
     .cause = "waiting for \"the health check: /bin/sh: 1: curl: not found",
     .remedy = concat(
         "correct the command of the health check, or add the missing program to the image (", edit,
         ')')},
    {.properties =
         timed_out("waiting for the health check: cannot run \"/bin/sh\": No such file or "
                   "directory (3 s)"),
     .cause =
         "waiting for \"the health check: cannot run \\\"/bin/sh\\\": No such file or directory",
     .remedy = concat("give a health check whose program is in the image: add "
                      "'--health-cmd=[\"CMD\", \"PROGRAM\"]' or --ready-when=listen:PORT to "
                      "ExecStart= (",
                      edit, ')')},
    {.properties = concat("SourcePath=/etc/containers/systemd/app.container\n",
                          timed_out("waiting for the health check: cannot run \"/bin/no\": No such "
                                    "file or directory (3 s)")),
     .exec_start = "/usr/bin/podman run redis",
     .cause = "waiting for \"the health check: cannot run \\\"/bin/no\\\"",
     .remedy = "set HealthCmd=[\"CMD\", \"PROGRAM\"] in [Container] of "
               "/etc/containers/systemd/app.container"},
    {.properties = timed_out("waiting for the health check: cannot run \"/check\": Permission "
                             "denied (3 s)"),
     .cause = "cannot run \\\"/check\\\": Permission denied",
     .remedy = "correct the command of the health check, or"},
    {.properties = timed_out("waiting for exec:true: cannot run \"/bin/sh\": No such file or "
                             "directory (3 s)"),
     .cause = "waiting for \"exec:true: cannot run \\\"/bin/sh\\\"",
     .remedy = "correct the command of exec:, or add the missing program to the image"},
    {.properties = timed_out("waiting for the health check: connection refused (3 s)"),
     .cause = "waiting for \"the health check: connection refused",
     .remedy = concat(slow, "otherwise add --health-start-period=SPAN to ExecStart= (", edit,
                      "), or correct the health check")},
    {.properties = timed_out("waiting for the health check: connection refused (13 s)"),
     .cause = "READY=1 did not arrive within TimeoutStartSec= (4s) and the start period of the "
              "health check: waiting for",
     .remedy = slow},
    {.properties = timed_out("waiting for tcp:127.0.0.1:1: connection refused (13 s)"),
     .cause = "TimeoutStartSec= (4s) and the time that was added (EXTEND_TIMEOUT_USEC=): waiting",
     .remedy = slow},
    // The limits of `wrap` and `wait`.
    {.properties = concat(failed("exit-code", 124),
                          "StatusText=not ready within 5s "
                          "(--ready-timeout): waiting for tcp:127.0.0.1:1: connection refused (5 "
                          "s)\n"),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1 --ready-timeout=5"),
     .log = "[PROXY] error: not ready within 5s (--ready-timeout): waiting for tcp:127.0.0.1:1: "
            "connection refused (5 s) [ready-timeout]\n",
     .cause = "READY=1 did not arrive within --ready-timeout= (5s): waiting for \"tcp:127.0.0.1:1: "
              "connection refused (5 s)",
     .remedy = concat("if the app is only slow, change the option to a longer --ready-timeout= in "
                      "ExecStart= (",
                      edit, "); otherwise correct --ready-when=")},
    {.properties = concat(failed("exit-code", 124),
                          "StatusText=waiting for tcp:127.0.0.1:1: "
                          "connection refused (5 s)\n"),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1 --timeout=5"),
     .log = "[MAIN] error: Timeout waiting for container to be ready: READY=1 did not arrive "
            "within 5s (TIMEOUT, --timeout); the last status was \"waiting for it\" [timeout]\n",
     .cause = "READY=1 did not arrive within --timeout= (5s): waiting for \"tcp:127.0.0.1:1",
     .remedy = "if the app is only slow, change the option to a longer --timeout= in ExecStart="},
    {.properties = timed_out("waiting for exec:redis-cli: exited with status 1 (3 s)"),
     .cause = "exited with status 1",
     .remedy = "set a longer TimeoutStartSec="},
    {.properties = concat(timed_out("waiting for tcp:127.0.0.1:1: connection refused (3 s)"),
                          "SourcePath=/etc/q/app.container\n"),
     .exec_start = "/usr/bin/podman run --sdnotify=container redis",
     .cause = "waiting for \"tcp:127.0.0.1:1",
     .remedy = "if the app is only slow, set a longer TimeoutStartSec= in [Service] of "
               "/etc/q/app.container; otherwise correct --ready-when= (edit "
               "/etc/q/app.container, then `systemctl daemon-reload`)"},
};

BOOST_AUTO_TEST_SUITE(probe_faults)

BOOST_DATA_TEST_CASE(an_unmet_probe_has_one_cause_and_one_remedy, unmet_probes) {
    check_diagnosis(sample);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
