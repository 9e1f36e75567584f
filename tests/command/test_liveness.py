#!/usr/bin/python3
"""Tests programs that do not notify, after they are ready: whether they are alive, and which hooks
run."""

import os
import re
import signal
import time

import bridge
import probed

# PROC_PID_INIT_INO of the kernel (include/linux/proc_ns.h).
INITIAL_PID_NAMESPACE = "pid:[4026531836]"


class Liveness(probed.Case):
    def start_watched(self, *options, probe=None, **env):
        """Starts a server that is ready, with a watchdog. Returns `wrap` and the server's pid."""
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

    def test_pings_are_sent_only_while_the_app_answers(self):
        process, pid = self.start_watched(WATCHDOG_USEC="600000")
        self.wait_for_pings(3)
        os.kill(pid, signal.SIGSTOP)
        self.wait_for_status("not alive: http://", "no answer in time")
        before = self.pings()
        # This pause is longer than three intervals of pings.
        time.sleep(0.6)
        self.assertEqual(self.pings(), before)
        self.assertTrue(process.is_running())
        os.kill(pid, signal.SIGCONT)
        self.wait_for_pings(before + 2)
        self.assertEqual(self.statuses()[-1], b"STATUS=up")

    def test_the_command_does_not_inherit_the_watchdog_of_wrap(self):
        self.straight(
            "--ready-when=start", "--alive-when=process", "sh", "-c",
            "echo ${WATCHDOG_USEC-none} > " + self.path("watchdog") + "; exec sleep infinity",
            WATCHDOG_USEC="600000",
        )
        self.wait_for_pings(3)
        self.assertEqual(self.read("watchdog"), "none\n")

    def test_a_missing_ping_gives_one_warning(self):
        process = self.straight(
            *bridge.app("notify('READY=1\\nSTATUS=up'); stay()"), WATCHDOG_USEC="600000"
        )
        bridge.eventually("the warning", lambda: "no WATCHDOG=1 yet" in process.err)
        self.assertIn("expects one every 600ms", process.err)
        self.assertRegex(process.err, "--alive-when=.*--watchdog-pid")
        self.assertEqual(process.err.count("no WATCHDOG=1 yet"), 1)

    def test_an_app_that_pings_gives_no_warning(self):
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

    def test_the_watchdog_of_a_late_host_also_gives_a_warning(self):
        wrap = self.start(
            bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"), SHARED_DIR=self.shared
        )
        bridge.eventually("the app is up", lambda: "up" in wrap.out)
        self.start(bridge.WAIT, NOTIFY_SOCKET=self.manager.path, WATCHDOG_USEC="600000")
        bridge.eventually("the warning", lambda: "no WATCHDOG=1 yet" in wrap.err)

    def test_without_a_watchdog_no_ping_is_sent(self):
        process, pid = self.start_watched("--alive-interval=50ms")
        os.kill(pid, signal.SIGSTOP)
        self.wait_for_status("not alive")
        # In a container, which has its own pid namespace, `wrap` pings in any case.
        if os.readlink("/proc/self/ns/pid") == INITIAL_PID_NAMESPACE:
            self.assertEqual(self.pings(), 0)
        self.assertTrue(process.is_running())

    def test_the_number_of_failures_is_configurable(self):
        self.start_watched(
            "--alive-failures=1000000", "--alive-interval=20ms",
            probe=f"exec:echo >> {self.path('checks')}; false",
            WATCHDOG_USEC="3000000",
        )
        self.wait_for_pings(5)
        self.assertEqual(self.statuses()[-1], b"STATUS=up")

    def test_a_dead_app_can_be_killed(self):
        process, pid = self.start_watched("--alive-interval=50ms", "--on-dead=kill")
        os.kill(pid, signal.SIGSTOP)
        self.assertEqual(process.wait(), 137, process.err)
        self.wait_for_status("not alive")

    def test_a_stopping_app_does_not_count_as_dead(self):
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

    def test_wrap_wakes_up_once_a_period(self):
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

    def test_a_command_can_handle_a_dead_app(self):
        process, pid = self.start_watched(
            "--alive-interval=50ms",
            f"--on-dead=echo $NOTIFYBRIDGE_STATE: $NOTIFYBRIDGE_STATUS >> {self.path('dead')}",
        )
        os.kill(pid, signal.SIGSTOP)
        bridge.eventually("the command ran", lambda: self.read("dead"))
        self.assertRegex(self.read("dead"), r"\Adead: not alive: http://.*\n\Z")
        self.assertTrue(process.is_running())

    def test_the_hosts_watchdog_counts_with_a_shared_directory(self):
        self.start_app(
            self.manager,
            "stay()",
            wrap_options=["--ready-when=start", "--alive-when=process"],
            WATCHDOG_USEC="600000",
        )
        self.wait_for_pings(3)

    def test_without_a_condition_ready_starts_the_checks(self):
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

    def test_hooks_run_once_with_their_variables(self):
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

    def test_hooks_get_the_path_of_the_shared_directory(self):
        status, _, err = self.run_to_end(
            bridge.WRAP, "--ready-when=exit", "--on-ready=" + self.hook("ready"), "true"
        )
        self.assertEqual(status, 0, err)
        self.assertEqual(self.read("ready"), f"ready//{self.shared}\n")

    def test_a_hanging_hook_delays_neither_ready_nor_the_end(self):
        process = self.straight(
            "--ready-when=start", "--kill-after=200ms", "--on-ready=trap '' TERM; sleep 1000",
            "sh", "-c", "exit 3",
        )
        self.manager.wait_for(b"READY=1")
        self.assertEqual(process.wait(), 3, process.err)
        self.assertIn("the command of --on-ready", process.err)

    def test_a_failing_hook_is_only_logged(self):
        process = self.straight("--ready-when=start", "--on-ready=exit 5", "sh", "-c", "exit 0")
        self.assertEqual(process.wait(), 0, process.err)
        self.assertIn("--on-ready exited with status 5", process.err)

    def test_background_processes_of_a_hook_continue(self):
        self.straight(
            "--ready-when=start",
            f"--on-ready=(until [ -e {self.path('go')} ]; do sleep 0.01; done; "
            f"echo > {self.path('done')}) & touch {self.path('began')}",
            *bridge.IDLE,
        )
        bridge.eventually("the command ran", lambda: os.path.exists(self.path("began")))
        self.write("go")
        bridge.eventually("what it left is done", lambda: self.read("done"))

    def test_messages_of_a_hook_reach_the_manager(self):
        send = f"{self.command('notifybridge')[0]} send --no-block"
        self.straight("--ready-when=start", f"--on-ready={send} X_HOOK=1", *bridge.IDLE)
        self.manager.wait_for(b"X_HOOK=1")


bridge.main()
