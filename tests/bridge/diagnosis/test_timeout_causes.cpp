#include "bridge/diagnosis/failure_causes.hpp"

#include <signal.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "base/util/concat.hpp"
#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

using util::concat;

const std::vector<DiagnosisSample> timeouts = {
    // Starts.
    {.properties = timed_out("Starting podman: pulling docker.io/library/redis (6 s)"),
     .cause = "Starting podman: pulling docker.io/library/redis (6 s)",
     .remedy = "`podman pull docker.io/library/redis`"},
    {.properties = timed_out("podman is creating the container (6 s)"),
     .cause = "podman is creating the container (6 s)",
     .remedy = "a longer TimeoutStartSec="},
    {.properties = timed_out(""),
     .exec_start = "/usr/bin/notifybridge run podman run --health-interval=0 redis",
     .cause = "the app did not send READY=1, and no probe is set: --health-interval=0 turns the "
              "health check off",
     .remedy = concat("if the image has a health check, remove --health-interval=0; otherwise add "
                      "--ready-when=listen:PORT to ExecStart= (",
                      edit, ')')},
    {.properties = timed_out(""),
     .cause = "no probe is set",
     .remedy = concat("add --ready-when=listen:PORT to ExecStart= (", edit,
                      "); if it notifies and is only slow, set a longer TimeoutStartSec=")},
    {.properties = timed_out("loading"),
     .cause = "no probe is set; its last STATUS is \"loading\"",
     .remedy = "if the app is only slow, set a longer TimeoutStartSec= (`systemctl edit "
               "app.service`); if it never sends READY=1, add --ready-when=listen:PORT"},
    // Environment=TIMEOUT= was meant for the app.
    {.properties = concat(failed("exit-code", 124), "Environment=TIMEOUT=30 HOME=/root\n"),
     .log = "[MAIN] error: Timeout waiting for container to be ready: READY=1 did not arrive "
            "within 30s (TIMEOUT, --timeout); the app has not sent READY=1 [timeout]\n",
     .cause = "READY=1 did not arrive within Environment=TIMEOUT= (30s), which `wait` reads: the "
              "app did not send READY=1",
     .remedy = concat("add --timeout=infinity to ExecStart= (", edit,
                      "), so that TIMEOUT= is only for the app")},
    {.properties = timed_out(""),
     .exec_start = "/usr/bin/notifybridge wrap unbound -d",
     .cause = "the app did not send READY=1, and no probe is set",
     .remedy = "; if the app runs as another user, give `wrap` --socket-mode=0666"},
    {.properties = timed_out("loading"),
     .exec_start = run_with("--ready-when=tcp:127.0.0.1:1"),
     .cause = "the app was not ready; its last STATUS is \"loading\"",
     .remedy = "set a longer TimeoutStartSec="},
    {.properties = timed_out("Starting a, b"),
     .exec_start = "/usr/bin/host-notify-waiter podman run box /usr/bin/notifybridge init",
     .cause = "init did not reach its target unit; its last STATUS is \"Starting a, b\"",
     .remedy = "set a longer TimeoutStartSec="},
    {.properties = timed_out(""),
     .exec_start = "/usr/bin/host-notify-waiter podman run redis",
     .log = "[MAIN] warning: SIGTERM arrived before READY=1; no wrap has started in /run/a: the "
            "container "
            "mounts /run/b at /shared; mount the directory of `wait` there [no-wrap] "
            "[before-ready]\n",
     .cause = "no wrap has started in /run/a: the container mounts /run/b at /shared",
     .remedy = follow},
    {.properties = timed_out(""),
     .exec_start = "/bin/sh -c 'host-notify-waiter podman run redis; true'",
     .log = "[MAIN] warning: the main process of the unit is pid 5, and not this process; systemd "
            "ignores messages of this process unless NotifyAccess=all is set; start notifybridge "
            "with `exec` [other-main-pid]\n",
     .cause = "its output says \"the main process of the unit is pid 5, and not this process\"; "
              "systemd ignores messages of other processes (NotifyAccess=main)",
     .remedy = concat("with `exec` in the script of ExecStart=, and use User= instead of su or "
                      "sudo (",
                      edit, ')'),
     .writer = Writer::other},
    {.properties = timed_out(""),
     .log = ignored_log,
     .cause = "READY=1 did not arrive within TimeoutStartSec= (4s): wrap is ignoring READY=1 of a "
              "process "
              "that is not the command (--notify-access=main): pid 3",
     .remedy =
         concat("remove --notify-access=main, start the app with `exec` in its script, or let "
                "the command send MAINPID= with the app's pid (",
                edit, ')')},
    {.properties = timed_out("waiting for notify: the command has not sent READY=1 (3 s)"),
     .exec_start = run_with("--ready-when=notify"),
     .log = ignored_log,
     .cause = "wrap is ignoring READY=1 of a process that is not the command",
     .remedy = "remove --notify-access=main"},
    {.properties = timed_out("waiting for tcp:127.0.0.1:1: connection refused (3 s)"),
     .log = ignored_log,
     .cause = "waiting for \"tcp:127.0.0.1:1",
     .remedy = "if the app is only slow, set a longer TimeoutStartSec="},
    // Stops.
    {.properties = was_up(killed("timeout", SIGKILL)),
     .log = "[MAIN 12:00:00] warning: cannot send SIGTERM to the command, which runs as another "
            "user: CAP_KILL is missing; add CAP_KILL to CapabilityBoundingSet= of the unit "
            "[cannot-signal]\n",
     .cause = "cannot send SIGTERM to the command, which runs as another user: CAP_KILL is missing",
     .remedy = concat("or CAP_KILL to CapabilityBoundingSet= of the unit (", edit, ')')},
    {.properties = was_up(killed("timeout", SIGKILL)),
     .exec_start = run_with("--stop-timeout=30"),
     .cause = "did not stop within TimeoutStopSec= (2s), and systemd killed it; --stop-timeout is "
              "30",
     .remedy = "set TimeoutStopSec= (`systemctl edit app.service`) to more"},
    {.properties = was_up(killed("timeout", SIGKILL)),
     .cause = "did not stop within TimeoutStopSec= (2s)",
     .remedy = "to what the app needs"},
};

BOOST_AUTO_TEST_SUITE(timeout_causes)

BOOST_DATA_TEST_CASE(a_timeout_has_one_cause_and_one_remedy, timeouts) {
    check_diagnosis(sample);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis
