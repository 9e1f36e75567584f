#!/usr/bin/python3
"""Tests what `wrap` does with the health check of an image or of a container's command line."""

import json
import os
import re
import signal
import time
import unittest

import bridge
import probed

APP = 'notify("READY=1"); stay()'


class Case(probed.Case):
    def setUp(self):
        super().setUp()
        self.up = self.path("up")

    def checked(self, *options, command=bridge.IDLE, check=None, interval="50ms", **env):
        """Starts `wrap` with a health check that succeeds while the file `up` exists."""
        check = check or f"echo checked; echo now; test -e {self.up}"
        return self.straight(
            f"--health-cmd={check}", f"--health-interval={interval}", *options, *command, **env
        )

    def come_up(self):
        self.write("up")

    def go_down(self):
        os.unlink(self.up)

    def pings(self):
        return self.manager.messages.count(b"WATCHDOG=1")

    def wait_for_pings(self, number):
        self.manager.wait_until(f"{number} pings", lambda _: self.pings() >= number)

    def wait_for_last_status(self, status):
        self.manager.wait_until(
            repr(status), lambda _: self.statuses() and self.statuses()[-1] == status
        )


class Default(Case):
    """Tests with a check, but without --ready-when and --alive-when."""

    def test_the_first_success_makes_the_app_ready(self):
        self.checked("--ready-status=up", interval="1h")
        self.wait_for_status("waiting for the health check: checked")
        self.assert_never_ready()
        self.come_up()
        self.manager.wait_for_lines(b"READY=1")
        self.wait_for_last_status(b"STATUS=up")

    def test_readiness_does_not_wait_for_an_interval(self):
        self.checked(interval="1h")
        self.wait_for_status("waiting for the health check")
        self.come_up()
        self.manager.wait_for_lines(b"READY=1")

    def test_ready_of_the_app_does_not_wait_for_the_health_check(self):
        self.straight(f"--health-cmd=test -e {self.up}", *bridge.app(APP))
        self.manager.wait_for_lines(b"READY=1")

    def test_wrap_sends_ready_once(self):
        app = f"wait_for({self.path('go')!r}); notify('READY=1'); up(); stay()"
        self.straight("--health-cmd=true", *bridge.app(WAIT_FOR + app))
        self.manager.wait_for_lines(b"READY=1")
        self.assertEqual(self.manager.lines().count(b"READY=1"), 1)
        # The app's own READY=1 ends a reload, so it is passed on.
        self.write("go")
        self.manager.wait_until(
            "the app's own", lambda _: self.manager.lines().count(b"READY=1") == 2
        )

    def test_the_unhealthy_status_lasts_until_a_check_succeeds(self):
        self.come_up()
        process = self.checked("--health-retries=2")
        self.manager.wait_for_lines(b"READY=1")
        self.go_down()
        self.wait_for_last_status(b"STATUS=unhealthy: checked")
        self.come_up()
        self.wait_for_last_status(b"STATUS=")
        self.assertIn("unhealthy: checked", process.err)
        self.assertIn("healthy again", process.err)

    def test_the_command_line_of_wrap_hides_the_check(self):
        secret = f"test -e {self.up} # secret"
        process = self.checked("--ready-status=up", check=secret, command=["sleep", "1h"])
        self.come_up()
        self.manager.wait_for_lines(b"READY=1")
        with open(f"/proc/{process.pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
        self.assertNotIn(b"secret", b" ".join(words))
        self.assertIn(b"--health-cmd=hidden", [word.rstrip() for word in words])
        self.assertIn(b"--ready-status=up", words)
        self.assertEqual(words[-3:], [b"sleep", b"1h", b""])

    def test_a_state_that_keeps_changing_does_not_fill_the_log(self):
        toggle = f"rm {self.up} 2>/dev/null || ! touch {self.up}"
        process = self.checked("--health-retries=1", check=toggle, interval="1ms")
        self.manager.wait_until(
            "many changes", lambda _: self.manager.lines().count(b"STATUS=") >= 10
        )
        self.assertEqual(process.err.count(" unhealthy: "), 3, process.err)
        self.assertEqual(process.err.count(" healthy again"), 3, process.err)
        self.assertIn("the log omits its changes for 10 min", process.err)

    def test_pings_are_sent_while_the_app_is_healthy(self):
        self.come_up()
        self.checked("--health-retries=1", WATCHDOG_USEC="300000")
        self.wait_for_pings(3)
        self.go_down()
        self.wait_for_status("unhealthy")
        before = self.pings()
        # This pause is longer than three intervals of pings.
        time.sleep(0.3)
        self.assertEqual(self.pings(), before)
        self.come_up()
        self.wait_for_pings(before + 2)

    def test_pings_are_sent_for_a_ready_app_before_its_first_check(self):
        self.checked(command=bridge.app(APP), interval="1h", WATCHDOG_USEC="300000")
        self.wait_for_pings(3)

    def test_no_pings_are_added_for_an_app_that_pings(self):
        code = """
notify("READY=1")
if os.environ.get("WATCHDOG_USEC") == "600000":
    notify("WATCHDOG=1\\nX_MINE=1")
    up()
stay()
"""
        self.come_up()
        self.checked(command=bridge.app(code), WATCHDOG_USEC="600000")
        self.manager.wait_until(
            "its ping", lambda messages: b"WATCHDOG=1\nX_MINE=1" in messages
        )
        before = self.pings()
        time.sleep(0.6)
        self.assertLessEqual(self.pings(), before)

    def test_an_app_may_end_before_its_first_check(self):
        process = self.straight("--health-cmd=false", "true")
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(process.err, "")

    def test_a_start_period_extends_the_timeout(self):
        self.checked("--health-start-period=10min", "--health-timeout=7s", interval="20s")
        self.manager.wait_for_lines(b"EXTEND_TIMEOUT_USEC=627000000")

    def test_without_a_start_period_no_extension_is_sent(self):
        self.come_up()
        self.checked()
        self.manager.wait_for_lines(b"READY=1")
        self.assertFalse([l for l in self.manager.lines() if l.startswith(b"EXTEND_TIMEOUT")])

    def test_failures_in_the_start_period_do_not_count(self):
        process = self.checked(
            "--health-start-period=1h", "--health-retries=1", "--health-start-interval=10ms",
            check=f"echo >> {self.path('checks')}; test -e {self.up}",
        )
        bridge.eventually("20 checks", lambda: self.lines_of("checks") >= 20)
        self.assertNotIn("unhealthy", process.err)
        self.come_up()
        self.manager.wait_for_lines(b"READY=1")

    def test_a_healthy_app_logs_nothing(self):
        process = self.checked(check=f"echo >> {self.path('checks')}", interval="1ms")
        bridge.eventually("20 checks", lambda: self.lines_of("checks") >= 20)
        self.assertEqual(process.err, "")

    def lines_of(self, name):
        return self.read(name).count("\n")


# Code for an app: a function that waits until a file exists.
WAIT_FOR = """
def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.01)
"""


class Explicit(Case):
    """Tests with a check and with options of probes."""

    def test_the_check_is_only_shown_if_another_probe_decides(self):
        self.write("ready")
        self.checked(
            f"--ready-when=file:{self.path('ready')}", "--health-retries=1", WATCHDOG_USEC="300000"
        )
        self.manager.wait_for_lines(b"READY=1")
        self.wait_for_status("unhealthy: checked")
        self.assertEqual(self.pings(), 0)

    def test_healthy_can_be_one_of_several_conditions(self):
        self.come_up()
        self.checked(
            "--ready-when=healthy", f"--ready-when=file:{self.path('ready')}", check="true"
        )
        self.wait_for_status("waiting for file:")
        self.assert_never_ready()
        self.write("ready")
        self.manager.wait_for_lines(b"READY=1")

    def test_healthy_can_be_the_only_alive_condition(self):
        self.come_up()
        process = self.checked(
            "--ready-when=start", "--alive-when=healthy", "--health-retries=1", "--on-dead=kill"
        )
        self.manager.wait_for_lines(b"READY=1")
        self.go_down()
        self.assertEqual(process.wait(), 137, process.err)
        self.assertEqual(process.err.count("error:"), 1, process.err)

    def test_ending_before_a_requested_success_is_a_failure(self):
        process = self.straight("--ready-when=healthy", "--health-cmd=false", "true")
        self.assertEqual(process.wait(), 1, process.err)
        self.assertIn("ended before it was ready", process.err)

    def test_healthy_without_a_check_is_refused(self):
        for options in (
            ("--ready-when=healthy",),
            ("--alive-when=healthy",),
            ("--ready-when=healthy", "--health-cmd=none"),
            ("--ready-when=healthy", "--health-cmd=true", "--health=ignore"),
            ("--ready-when=healthy", "--health-cmd=true", "--no-healthcheck"),
            ("--ready-when=healthy", "--health-cmd=true", "--health-interval=disable"),
        ):
            with self.subTest(options=options):
                process = self.straight(*options, "true")
                self.assertEqual(process.wait(), 125, process.err)
                self.assertIn("=healthy: there is no health check", process.err)

    def test_an_unused_check_does_not_run(self):
        for option in ("--health=ignore", "--no-healthcheck", "--health-interval=disable",
                       "--health-interval=0"):
            with self.subTest(option):
                process = self.straight(
                    f"--health-cmd=touch {self.path('ran')}", option, "sleep", "0.3"
                )
                self.assertEqual(process.wait(), 0, process.err)
                self.assertFalse(os.path.exists(self.path("ran")))
        self.assert_never_ready()

    def test_options_without_a_check_are_ignored_with_a_warning(self):
        process = self.straight("--health-retries=5", "true")
        self.assertEqual(process.wait(), 0, process.err)
        self.assertIn("ignoring --health-retries: there is no health check", process.err)

    def test_bad_values_are_refused(self):
        for option, words in (
            ("--health-cmd=[]", "has no command"),
            ('--health-cmd=["CMD"]', "has no command"),
            ('--health-cmd=["CMD", ""]', "has no command"),
            ("--health-cmd=CMD-SHELL", "has no command"),
            ("--health-cmd= ", "has no command"),
            ("--health-interval=often", "is not a time span"),
            ("--health-timeout=-1s", "is not a time span"),
            ("--health-start-period=1x", "is not a time span"),
            ("--health-start-interval=disable", "is not a time span"),
            ("--health-retries=-1", "is not a number of checks"),
            ("--health-retries=0", "is not a number of checks; give 1 or more"),
            ("--health-retries=few", "is not a number of checks"),
            ("--health-shell=/bin/sh", "is not a shell"),
            ("--health-shell=[]", "is not a shell"),
            ("--health=sometimes", "give use, ignore or both"),
        ):
            with self.subTest(option):
                process = self.straight(option, "true")
                self.assertEqual(process.wait(), 125, process.err)
                self.assertIn(words, process.err)
                self.assertEqual(process.err.count("\n"), 1, process.err)


class Running(Case):
    """Tests of the way in which a check runs."""

    def checked_once(self, *options, check):
        """Starts `wrap` with a check that makes the app ready. Returns when the app is ready."""
        self.checked(*options, check=check, interval="1h")
        self.manager.wait_for_lines(b"READY=1")

    def test_an_array_is_executed_without_a_shell(self):
        self.checked_once(check=f'["CMD", "touch", "{self.path("a $b")}"]')
        self.assertTrue(os.path.exists(self.path("a $b")))

    def test_a_line_is_run_by_the_shell_of_the_image(self):
        self.checked_once(
            "--health-shell=" + '["/bin/bash", "-c"]',
            check=f'["CMD-SHELL", "[[ -n $BASH_VERSION ]]"]',
        )

    def test_a_missing_shell_is_reported(self):
        self.checked("--health-shell=[\"/no/shell\", \"-c\"]", "--health-retries=1")
        self.wait_for_status("unhealthy: cannot run", "/no/shell", "No such file or directory")

    def test_a_check_has_the_containers_environment(self):
        check = f"(pwd; id -u; env) > {self.path('seen')}"
        self.straight(
            f"--health-cmd={check}", "sh", "-c", "cd /; export OF_COMMAND=1; exec sleep infinity",
            OF_CONTAINER="yes", WATCHDOG_USEC="60000000",
        )
        self.manager.wait_for_lines(b"READY=1")
        seen = self.read("seen").splitlines()
        self.assertEqual(seen[0], os.getcwd())
        self.assertEqual(seen[1], str(os.getuid()))
        self.assertIn("OF_CONTAINER=yes", seen)
        for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "OF_COMMAND", "LISTEN_FDS", "FDSTORE"):
            self.assertFalse([line for line in seen if line.startswith(name + "=")], name)

    def test_an_endless_check_fails_and_delays_nothing(self):
        process = self.checked(
            "--health-timeout=100ms", "--health-retries=1", "--ready-when=start",
            check=f"echo $$ >> {self.path('pids')}; trap '' TERM; while :; do sleep 1; done",
        )
        self.wait_for_status("unhealthy: did not end within 100ms")
        # `wrap` kills a check that runs when the command gets SIGTERM.
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        for pid in self.read("pids").split():
            self.assertFalse(os.path.exists(f"/proc/{pid}"), pid)

    def test_the_end_of_the_app_does_not_wait_for_a_check(self):
        process = self.checked(
            "--health-timeout=1h", "--kill-after=1h", "--ready-when=start",
            check=f"echo $$ > {self.path('pid')}; trap '' TERM; while :; do sleep 1; done",
        )
        bridge.eventually("the check runs", lambda: os.path.exists(self.path("pid")))
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    @unittest.skipIf(
        os.environ.get("NOTIFYBRIDGE_FIGURES") == "no", "an instrumented build needs more memory"
    )
    def test_endless_output_of_a_check_is_limited(self):
        process = self.checked(
            "--health-timeout=300ms", "--health-retries=1", "--ready-when=start",
            check="exec cat /dev/zero",
        )
        self.wait_for_status("unhealthy: did not end within 300ms")
        with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
            peak = int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1])
        self.assertLess(peak, 64 * 1024)

    def test_control_characters_in_the_output_are_escaped(self):
        process = self.checked(
            "--health-retries=1", check=r"printf '\033[31mred\007\n'; exit 1"
        )
        self.wait_for_status("unhealthy: ", "red")
        self.assertNotIn("\033", process.err)

    def test_a_stopping_app_is_not_unhealthy(self):
        code = f"""
def end(*_):
    os.unlink({self.up!r})
    time.sleep(0.5)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
notify("READY=1")
up()
while True:
    signal.pause()
"""
        self.come_up()
        process = self.checked("--health-retries=1", command=bridge.app(code))
        bridge.eventually("the app is up", lambda: "up" in process.out)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)
        self.assertNotIn("unhealthy", process.err)


class Shown(Case):
    """Tests of the output of `status` about a check in a shared directory."""

    def status(self, *options):
        return self.run_to_end("notifybridge", "status", *options, self.shared)

    def test_status_shows_the_result_of_the_last_check(self):
        self.start(
            bridge.WAIT, *self.command(
                bridge.WRAP, f"--health-cmd=echo refused; test -e {self.up} || exit 7",
                "--health-interval=50ms", "--health-retries=2", *bridge.IDLE,
            ),
            NOTIFY_SOCKET=self.manager.path,
        )
        self.come_up()
        self.manager.wait_for_lines(b"READY=1")
        bridge.eventually("healthy", lambda: "HEALTH=healthy" in self.container_status())
        self.assertIn('Health: healthy; the last check had exit status 0: "refused"', self.status()[1])
        self.assertNotIn("problem  health", self.status("--check")[1])
        self.go_down()
        self.wait_for_last_status(b"STATUS=unhealthy: refused")
        bridge.eventually("unhealthy", lambda: "HEALTH=unhealthy" in self.container_status())
        shown = self.status()[1]
        self.assertRegex(shown, r'Health: unhealthy, \d+ failures in a row; .* status 7: "refused"')
        health = json.loads(self.status("--json")[1])["health"]
        self.assertGreaterEqual(health.pop("failing_streak"), 2)
        self.assertEqual(health, {"state": "unhealthy", "exit_status": 7, "output": "refused"})
        self.assertRegex(self.status("--prometheus")[1], r'_health\{.*state="unhealthy"\} 1\n')
        code, out, _ = self.status("--check")
        self.assertNotEqual(code, 0)
        self.assertRegex(out, r"problem  health +the health check has failed \d+ times in a row: \"ref")

    def test_an_unchanged_result_is_not_written_again(self):
        checks = self.path("checks")
        self.start(
            bridge.WAIT, *self.command(
                bridge.WRAP, f"--health-cmd=echo >> {checks}", "--health-interval=1ms", *bridge.IDLE
            ),
            NOTIFY_SOCKET=self.manager.path,
        )
        shown = {"HEALTH=healthy", "READY=1"}
        bridge.eventually("it is shown", lambda: shown <= set(self.container_status()))
        file = self.path(self.shared, "container-status")
        before = os.stat(file).st_ino
        text = self.read(file)
        count = self.read(checks).count("\n")
        bridge.eventually("100 more", lambda: self.read(checks).count("\n") >= count + 100)
        self.assertEqual(self.read(file), text)
        self.assertEqual(os.stat(file).st_ino, before)


bridge.main()
