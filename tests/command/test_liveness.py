#!/usr/bin/python3
"""Programs that do not notify, once they are ready: whether they are alive, and what is run then."""

import os
import re
import signal
import time

import bridge
import probed


class Liveness(probed.Case):
    def start_watched(self, *options, probe=None, **env):
        """A server that is ready, with a watchdog; returns wrap and the server's pid."""
        port = probed.free_port()
        self.write("go")
        probe = probe or f"http://127.0.0.1:{port}/"
        process = self.straight(
            f"--ready-when=http://127.0.0.1:{port}/",
            "--ready-status=up",
            f"--alive-when={probe}",
            *options,
            "sh",
            "-c",
            'echo $$; exec "$@"',
            "sh",
            *self.server(port),
            **env,
        )
        self.manager.wait_for_lines(b"READY=1")
        return process, int(process.out)

    def pings(self):
        return self.manager.messages.count(b"WATCHDOG=1")

    def wait_for_pings(self, number):
        self.manager.wait_until(f"{number} pings", lambda _: self.pings() >= number)

    def test_pings_come_only_while_it_answers(self):
        process, pid = self.start_watched(WATCHDOG_USEC="600000")
        self.wait_for_pings(3)
        os.kill(pid, signal.SIGSTOP)
        self.wait_for_status("not alive: http://", "no answer in time")
        before = self.pings()
        # Three times what would be a ping's turn.
        time.sleep(0.6)
        self.assertEqual(self.pings(), before)
        self.assertTrue(process.is_running())
        os.kill(pid, signal.SIGCONT)
        self.wait_for_pings(before + 2)
        self.assertEqual(self.statuses()[-1], b"STATUS=up")

    def test_the_command_is_not_told_of_a_watchdog_that_is_not_its_own(self):
        self.straight(
            "--ready-when=start", "--alive-when=process", "sh", "-c",
            "echo ${WATCHDOG_USEC-none} > " + self.path("watchdog") + "; exec sleep infinity",
            WATCHDOG_USEC="600000",
        )
        self.wait_for_pings(3)
        self.assertEqual(self.read("watchdog"), "none\n")

    def test_one_warning_says_that_no_ping_has_come(self):
        process = self.straight(
            *bridge.app("notify('READY=1\\nSTATUS=up'); stay()"), WATCHDOG_USEC="600000"
        )
        bridge.eventually("the warning", lambda: "no WATCHDOG=1 yet" in process.err)
        self.assertIn("wanted every 600ms", process.err)
        self.assertRegex(process.err, "--alive-when=.*--watchdog-pid")
        self.assertEqual(process.err.count("no WATCHDOG=1 yet"), 1)

    def test_no_warning_comes_of_an_app_that_pings(self):
        for options, code in (
            ((), "notify('READY=1'); notify('WATCHDOG=1')"),
            (("--alive-when=process",), "notify('READY=1')"),
            ((), "notify('WATCHDOG_USEC=3600000000'); notify('READY=1')"),
        ):
            with self.subTest(options=options, code=code):
                self.setUp()
                process = self.straight(
                    *options, *bridge.app(code + "; time.sleep(0.5)"), WATCHDOG_USEC="300000"
                )
                self.assertEqual(process.wait(), 0, process.err)
                self.assertNotIn("no WATCHDOG=1 yet", process.err)

    def test_the_watchdog_of_a_host_that_comes_late_is_missed_too(self):
        wrap = self.start(
            bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"), SHARED_DIR=self.shared
        )
        bridge.eventually("the app is up", lambda: "up" in wrap.out)
        self.start(bridge.WAIT, NOTIFY_SOCKET=self.manager.path, WATCHDOG_USEC="600000")
        bridge.eventually("the warning", lambda: "no WATCHDOG=1 yet" in wrap.err)

    def test_without_a_watchdog_there_is_no_ping(self):
        process, pid = self.start_watched("--alive-interval=50ms")
        os.kill(pid, signal.SIGSTOP)
        self.wait_for_status("not alive")
        self.assertEqual(self.pings(), 0)
        self.assertTrue(process.is_running())

    def test_so_many_failures_as_are_asked_for(self):
        self.start_watched(
            "--alive-failures=1000000", "--alive-interval=20ms",
            probe=f"exec:echo >> {self.path('checks')}; false",
            WATCHDOG_USEC="3000000",
        )
        self.wait_for_pings(5)
        self.assertEqual(self.statuses()[-1], b"STATUS=up")

    def test_one_that_is_dead_can_be_killed(self):
        process, pid = self.start_watched("--alive-interval=50ms", "--on-dead=kill")
        os.kill(pid, signal.SIGSTOP)
        self.assertEqual(process.wait(), 137, process.err)
        self.wait_for_status("not alive")

    def test_one_that_was_told_to_end_may_take_its_time(self):
        port = probed.free_port()
        code = f"""
import socket
def end(*_):
    server.close()
    time.sleep(0.5)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
server = socket.create_server(('127.0.0.1', {port}))
stay()
"""
        process = self.straight(
            f"--ready-when=tcp:127.0.0.1:{port}",
            f"--alive-when=tcp:127.0.0.1:{port}",
            "--alive-interval=20ms",
            "--on-dead=kill",
            *bridge.app(code),
        )
        self.manager.wait_for_lines(b"READY=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)
        self.assertFalse([s for s in self.statuses() if b"not alive" in s])

    def test_it_wakes_up_once_a_period(self):
        process = self.straight(
            "--ready-when=start", "--alive-when=process", "--alive-interval=100ms", *bridge.IDLE
        )
        self.manager.wait_for_lines(b"READY=1")

        def wakeups():
            with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
                return int(re.search(r"\nvoluntary_ctxt_switches:\s*(\d+)", file.read())[1])

        begin, before = time.monotonic(), wakeups()
        bridge.eventually("some periods go by", lambda: wakeups() > before + 10)
        after, span = wakeups(), time.monotonic() - begin
        self.assertLessEqual(after - before, span / 0.1 + 3)

    def test_or_a_command_says_what_happens(self):
        process, pid = self.start_watched(
            "--alive-interval=50ms",
            f"--on-dead=echo $NOTIFYBRIDGE_STATE: $NOTIFYBRIDGE_STATUS >> {self.path('dead')}",
        )
        os.kill(pid, signal.SIGSTOP)
        bridge.eventually("the command ran", lambda: self.read("dead"))
        self.assertRegex(self.read("dead"), r"\Adead: not alive: http://.*\n\Z")
        self.assertTrue(process.is_running())

    def test_through_a_shared_directory_the_hosts_watchdog_counts(self):
        self.start_app(
            self.manager,
            "stay()",
            wrap_options=["--ready-when=start", "--alive-when=process"],
            WATCHDOG_USEC="600000",
        )
        self.wait_for_pings(3)

    def test_its_own_ready_begins_it_where_there_is_no_condition(self):
        process = self.straight(
            "--alive-when=process",
            *bridge.app(
                f"up()\nwhile not os.path.exists({self.path('go')!r}): time.sleep(0.01)\n"
                "notify('READY=1'); stay()"
            ),
            WATCHDOG_USEC="300000",
        )
        bridge.eventually("it is up", lambda: process.out)
        self.write("go")
        self.wait_for_pings(2)
        self.assertEqual(self.manager.messages[0], b"READY=1")


class Hooks(probed.Case):
    def hook(self, name, more=""):
        line = "echo $NOTIFYBRIDGE_STATE/$NOTIFYBRIDGE_STATUS/$NOTIFYBRIDGE_SHARED_DIR"
        return f"{line} >> {self.path(name)}; {more}"

    def test_they_run_once_with_what_there_is_to_know(self):
        process = self.straight(
            "--ready-when=start",
            "--ready-status=it's up",
            "--on-ready=" + self.hook("ready"),
            "--on-stopping=" + self.hook("stopping"),
            *bridge.app(
                f"while not os.path.exists({self.path('ready')!r}): time.sleep(0.01)\n"
                "notify('READY=1\\nSTATUS=again'); notify('STOPPING=1\\nSTATUS=bye'); barrier()"
            ),
        )
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(self.read("ready"), "ready/it's up/\n")
        self.assertEqual(self.read("stopping"), "stopping/bye/\n")

    def test_with_a_shared_directory_they_know_it(self):
        status, _, err = self.run_to_end(
            bridge.WRAP, "--ready-when=exit", "--on-ready=" + self.hook("ready"), "true"
        )
        self.assertEqual(status, 0, err)
        self.assertEqual(self.read("ready"), f"ready//{self.shared}\n")

    def test_one_that_hangs_delays_neither_ready_nor_the_end_for_long(self):
        process = self.straight(
            "--ready-when=start", "--kill-after=200ms", "--on-ready=trap '' TERM; sleep 1000",
            "sh", "-c", "exit 3",
        )
        self.manager.wait_for(b"READY=1")
        self.assertEqual(process.wait(), 3, process.err)
        self.assertIn("the command of --on-ready", process.err)

    def test_that_one_fails_is_only_logged(self):
        process = self.straight("--ready-when=start", "--on-ready=exit 5", "sh", "-c", "exit 0")
        self.assertEqual(process.wait(), 0, process.err)
        self.assertIn("--on-ready exited with status 5", process.err)

    def test_what_they_leave_in_the_background_goes_on(self):
        self.straight(
            "--ready-when=start",
            f"--on-ready=(until [ -e {self.path('go')} ]; do sleep 0.01; done; "
            f"echo > {self.path('done')}) & touch {self.path('began')}",
            *bridge.IDLE,
        )
        bridge.eventually("the command ran", lambda: os.path.exists(self.path("began")))
        self.write("go")
        bridge.eventually("what it left is done", lambda: self.read("done"))

    def test_what_they_notify_goes_the_commands_way(self):
        send = f"{self.command('notifybridge')[0]} send --no-block"
        self.straight("--ready-when=start", f"--on-ready={send} X_HOOK=1", *bridge.IDLE)
        self.manager.wait_for(b"X_HOOK=1")


bridge.main()
