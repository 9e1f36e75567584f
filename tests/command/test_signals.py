#!/usr/bin/python3
"""Tests what a signal to `wait` does with different container managers, and which process ends a
run."""

import os
import shutil
import signal
import subprocess
import sys
import time

import adversary
import bridge
import stream  # pylint: disable=unused-import # It makes shared_dir importable.
from shared_dir import read_host

# An app that reports each signal that it gets. The last one ends it.
REPORT = """
def report(number, frame):
    print(signal.Signals(number).name, flush=True)
for name in "HUP USR1 USR2 CONT WINCH".split():
    signal.signal(getattr(signal, "SIG" + name), report)
notify("READY=1")
barrier()
up()
stay()
"""

# An app that ends on any signal.
READY = "notify('READY=1'); barrier(); up(); stay()"

# An app that does not end on SIGTERM.
DEAF = """
signal.signal(signal.SIGTERM, lambda *_: print("deaf", flush=True))
notify("READY=1"); barrier(); up(); stay()
"""

# Clients of a container's runtime. A signal kills `podman exec`, but its container continues.
EXEC = """
import subprocess, sys
status = subprocess.Popen(sys.argv[1:]).wait()
sys.exit(status if status >= 0 else 128 - status)
"""
# A client that ignores signals, like `unshare --fork`.
SWALLOW = """
import signal, subprocess, sys
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, lambda *_: None)
status = subprocess.Popen(sys.argv[1:]).wait()
sys.exit(status if status >= 0 else 128 - status)
"""
# A client that does not notice the end of its container.
STAY = """
import signal, subprocess, sys, time
process = subprocess.Popen(sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: print("told", process.poll(), flush=True) or sys.exit(7))
while True:
    time.sleep(0.05)
"""
# A client like `podman run -d`.
DETACH = """
import subprocess, sys
subprocess.Popen(sys.argv[1:])
"""


def client(code):
    return [sys.executable, "-c", code]


class Case(bridge.Case):
    def up(self, process, count=1):
        bridge.eventually(
            lambda: f"the app is up; wait said {process.err}",
            lambda: process.out.count("up\n") >= count,
        )
        return process

    def start_waiting(self, runtime, code, *options, **env):
        """Starts a `wait` with a new invocation. Its command is that runtime with `wrap` inside."""
        env = {"NOTIFY_SOCKET": self.receiver().path, "INVOCATION_ID": os.urandom(16).hex(), **env}
        wrap = self.command(bridge.WRAP, *bridge.app(code))
        process = self.up(self.start(bridge.WAIT, *options, *runtime, *wrap, **env))
        # The client must end before its run. Otherwise, the exit status of the client would count.
        if runtime == client(DETACH):
            bridge.eventually("the client has left", lambda: not adversary.children(process.pid))
        return process

    def attach(self, *options, **env):
        receiver = self.receiver()
        env = {"NOTIFY_SOCKET": receiver.path, "INVOCATION_ID": os.urandom(16).hex(), **env}
        process = self.start(bridge.WAIT, *options, **env)
        receiver.wait_until("it is ready", lambda messages: messages)
        return process

    def host(self):
        with open(os.path.join(self.shared, "host"), "rb") as file:
            return read_host(file.read())[2]

    def assert_all_gone(self, process):
        bridge.eventually(
            "nothing is left",
            lambda: all(session != process.pid for _, session in bridge.sessions()),
        )


class Signals(Case):
    CLIENTS = {
        "wrap itself": [],
        "one that dies of it": client(EXEC),
        "one that swallows it": client(SWALLOW),
        "one that detaches": client(DETACH),
        "a shell": ["sh", "-c", '"$@"; exit $?', "sh"],
    }

    def runtimes(self):
        """Yields a subtest for each client, and its command line. Each has its own directory."""
        found = dict(self.CLIENTS)
        if os.geteuid() == 0 and shutil.which("unshare"):
            found["unshare"] = ["unshare", "--pid", "--fork"]
        for name, words in found.items():
            self.renew_shared_directory()
            yield self.subTest(name), words

    def send(self, process, number, wanted):
        process.signal(number)
        bridge.eventually(
            lambda: f"{wanted} came: {process.out!r}", lambda: process.out.endswith(wanted)
        )

    def test_other_signals_only_reach_the_app(self):
        for case, runtime in self.runtimes():
            with case:
                process = self.start_waiting(runtime, REPORT)
                said = "up\n"
                for name in ("HUP", "HUP", "USR1", "CONT", "WINCH", "HUP", "USR2"):
                    said += f"SIG{name}\n"
                    self.send(process, getattr(signal, f"SIG{name}"), said)
                self.assertEqual(process.out, said)
                process.signal(signal.SIGTERM)
                process.signal(signal.SIGCONT)
                self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
                self.assert_all_gone(process)

    def test_many_signals_at_once_keep_their_order(self):
        for case, runtime in self.runtimes():
            with case:
                process = self.start_waiting(runtime, REPORT)
                for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM):
                    process.signal(number)
                self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_each_stop_signal_ends_the_app(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            for case, runtime in self.runtimes():
                with case:
                    # Python turns SIGINT into an exception, but then ends by the signal.
                    process = self.start_waiting(runtime, READY)
                    process.signal(number)
                    # SIGHUP does not ask for the end.
                    end = 128 + number if number == signal.SIGHUP else -number
                    self.assertEqual(process.wait(), end, process.err)
                    self.assert_all_gone(process)

    def test_the_status_of_an_app_that_handles_sigterm_counts(self):
        code = "signal.signal(signal.SIGTERM, lambda *_: os._exit(5))\n"
        for case, runtime in self.runtimes():
            with case:
                process = self.start_waiting(runtime, code + READY)
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 5, process.err)

    def test_an_app_that_does_not_stop_is_killed(self):
        for case, runtime in self.runtimes():
            with case:
                process = self.start_waiting(runtime, DEAF, "--stop-timeout=300ms")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 128 + signal.SIGKILL, process.err)
                self.assertIn("deaf", process.out)
                self.assertIn("--stop-timeout", process.err)
                self.assert_all_gone(process)

    def test_a_command_gets_the_signal_after_its_run(self):
        process = self.start_waiting(client(STAY), READY)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 7, process.err)
        # The `wrap` of that run had already ended.
        self.assertIn(f"told {-signal.SIGTERM}\n", process.out)

    def test_without_a_command_sigterm_ends_only_wait(self):
        app = self.up(self.start(bridge.WRAP, *bridge.app(REPORT)))
        waiting = self.attach()
        for number, said in ((signal.SIGHUP, "HUP\n"), (signal.SIGUSR1, "HUP\nSIGUSR1\n")):
            waiting.signal(number)
            bridge.eventually("it comes", lambda said=said: app.out.endswith(said))
        waiting.signal(signal.SIGTERM)
        self.assertEqual(waiting.wait(), 0, waiting.err)
        self.assertTrue(app.is_running())

    def test_the_option_stop_ends_a_run_that_wait_did_not_start(self):
        app = self.up(self.start(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()")))
        waiting = self.attach("--stop", "--keep")
        waiting.signal(signal.SIGTERM)
        # `wait` and the app end as if both had received the signal.
        self.assertEqual(waiting.wait(), -signal.SIGTERM, waiting.err)
        self.assertEqual(app.wait(), -signal.SIGTERM, app.err)
        self.assert_refused(self.run_to_end(bridge.WAIT, "--stop", "true"), "--stop")

    def start_ignoring(self, *words):
        """Starts the program with the signals ignored that nohup(1) or a script's `&` ignores."""
        self.renew_shared_directory()
        shell = self.path("bin", "sh")
        if not os.path.exists(shell):
            os.symlink(shutil.which("sh"), shell)
        script = "trap '' HUP INT QUIT; exec \"$@\""
        return self.start(
            "sh", "-c", script, "sh", *self.command(*words), NOTIFY_SOCKET=self.receiver().path
        )

    def test_an_ignored_signal_stays_ignored_for_the_command(self):
        code = """
print(signal.getsignal(signal.SIGHUP).name, flush=True)
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    signal.signal(number, lambda number, _: print("got", number, flush=True))
up(); stay()
"""
        for words in ([bridge.WRAP], [bridge.WAIT], [bridge.WAIT, *self.command(bridge.WRAP)]):
            with self.subTest(words=words):
                process = self.up(self.start_ignoring(*words, *bridge.app(code)))
                for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
                    process.signal(number)
                process.signal(signal.SIGUSR1)
                self.assertEqual(process.wait(), 128 + signal.SIGUSR1, process.err)
                self.assertEqual(process.out, "SIG_IGN\nup\n")

    def test_an_ignored_signal_does_not_end_an_attached_wait(self):
        process = self.start_ignoring(bridge.WAIT, "--keep")
        bridge.eventually("it is there", lambda: os.path.exists(self.shared + "/host"))
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            process.signal(number)
        # The run continues as before.
        self.run_to_end(bridge.WRAP, *bridge.app("notify('READY=1'); barrier()"))
        self.assertTrue(process.is_running(), process.err)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)


class Runs(Case):
    def leave_behind(self, code, *options, **env):
        """Starts a run, and then kills its `wait` and its command, as systemd does."""
        waiting = self.start_waiting(client(EXEC), code, *options, **env)
        with open(f"/proc/{waiting.pid}/task/{waiting.pid}/children", encoding="ascii") as file:
            child = int(file.read())
        waiting.signal(signal.SIGKILL)
        waiting.wait()
        os.kill(child, signal.SIGKILL)
        return waiting

    def test_a_leftover_run_of_a_command_is_ended_first(self):
        left = self.leave_behind(
            "def end(*_):\n  notify('STOPPING=1'); barrier(); print('bye', flush=True); sys.exit()\n"
            "signal.signal(signal.SIGTERM, end)\n"
            "notify('READY=1'); barrier(); up(); stay()"
        )
        receiver = self.receiver()
        process = self.start_waiting(
            client(EXEC),
            "notify('READY=1\\nSTATUS=new'); barrier(); up(); stay()",
            NOTIFY_SOCKET=receiver.path,
        )
        self.assertEqual(left.out, "up\nbye\n")
        self.assertEqual(process.err.count("left behind"), 1, process.err)
        # The new invocation got no messages of the previous run.
        self.assertEqual(receiver.messages, [b"READY=1\nSTATUS=new"])
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_a_leftover_run_that_ignores_signals_is_killed(self):
        left = self.leave_behind(DEAF)
        process = self.start_waiting(client(EXEC), DEAF, "--stop-timeout=300ms")
        self.assertEqual(left.out, "up\ndeaf\n")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 128 + signal.SIGKILL, process.err)

    def test_a_leftover_of_the_same_invocation_is_read_to_its_end(self):
        receiver = self.receiver()
        env = {"NOTIFY_SOCKET": receiver.path, "INVOCATION_ID": "1" * 32}
        self.leave_behind(
            "def bye(*_):\n  notify('STATUS=bye'); sys.exit(0)\n"
            "signal.signal(signal.SIGTERM, bye)\n"
            "notify('READY=1'); barrier(); up(); stay()",
            **env,
        )
        self.start_waiting([], "notify('READY=1\\nSTATUS=new'); barrier(); up(); stay()", **env)
        lines = receiver.lines()
        self.assertLess(lines.index(b"STATUS=bye"), lines.index(b"STATUS=new"), lines)

    def test_a_stop_while_a_leftover_is_ended_is_a_stop(self):
        self.leave_behind(DEAF)
        process = self.start(bridge.WAIT, "touch", self.path("started"))
        bridge.eventually("it is asked", lambda: "SIGNALS" in self.host())
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        self.assertFalse(os.path.exists(self.path("started")))
        # The next `wait` must still end this run.
        self.assertEqual((self.host()["COMMAND"], self.host()["LEFT"]), ("yes", "yes"))
        self.start_waiting(client(EXEC), REPORT, "--stop-timeout=300ms")

    def test_a_run_that_no_wait_started_is_refused_with_its_pid(self):
        app = self.up(self.start(bridge.WRAP, *bridge.app(REPORT)))
        waiting = self.attach()
        waiting.signal(signal.SIGKILL)
        waiting.wait()
        for _ in range(2):
            result = self.run_to_end(
                bridge.WAIT, "touch", self.path("started"), NOTIFY_SOCKET=self.receiver().path
            )
            self.assert_refused(result, "in use", str(app.pid), self.shared, "--shared-dir")
        self.assertFalse(os.path.exists(self.path("started")))
        self.assertTrue(app.is_running())

    def test_a_wait_that_leaves_a_run_releases_its_barriers(self):
        code = """
signal.signal(signal.SIGUSR1, lambda *_: (barrier(), print('not held up', flush=True)))
notify("READY=1"); barrier(); up(); stay()
"""
        app = self.up(self.start(bridge.WRAP, *bridge.app(code)))
        # `wrap` writes container-status within a second.
        bridge.eventually("its pid is told", lambda: "READY=1" in self.container_status())
        pid = int(next(l[12:] for l in self.container_status() if l[:12] == "COMMAND_PID="))
        self.assertGreater(pid, 0)
        waiting = self.attach()
        bridge.eventually("it is attached", lambda: "RUN_ID" in self.host())
        waiting.signal(signal.SIGTERM)
        self.assertEqual(waiting.wait(), 0, waiting.err)
        self.assertEqual(self.host()["LEFT"], "yes")
        os.kill(pid, signal.SIGUSR1)
        bridge.eventually("its barrier is answered", lambda: "not held up" in app.out)
        # Later changes of the directory by other processes do not matter either.
        os.kill(pid, signal.SIGKILL)
        app.wait()
        self.up(self.start(bridge.WRAP, *bridge.app(code)))
        self.assertFalse(os.path.exists(os.path.join(self.shared, "journal.old")))

    def test_wait_ends_with_the_run_that_has_sent_stopping(self):
        code = "notify('READY=1'); notify('STOPPING=1'); sys.exit(3)"
        for options in ([], ["--keep"]):
            with self.subTest(options):
                self.renew_shared_directory()
                waiting = self.start(
                    bridge.WAIT, *options, NOTIFY_SOCKET=self.receiver().path
                )
                bridge.eventually("it is there", lambda: os.path.exists(self.shared + "/host"))
                self.assertEqual(self.run_to_end(bridge.WRAP, *bridge.app(code))[0], 3)
                again = self.start(bridge.WRAP, *bridge.app(REPORT))
                self.assertEqual(waiting.wait(), 3, waiting.err)
                self.assertTrue(again.is_running())

    def test_a_denied_stopping_message_does_not_end_wait(self):
        code = "notify('READY=1'); notify('STOPPING=1'); sys.exit(3)"
        receiver = self.receiver()
        waiting = self.start(bridge.WAIT, "--keep", "--deny=STOPPING", NOTIFY_SOCKET=receiver.path)
        bridge.eventually("it is there", lambda: os.path.exists(self.shared + "/host"))
        for count in (1, 2):
            self.run_to_end(bridge.WRAP, *bridge.app(code))
            receiver.wait_until("ready", lambda messages, c=count: messages.count(b"READY=1") == c)
        self.assertTrue(waiting.is_running())

    def test_a_broken_off_run_is_not_a_success(self):
        # If bwrap has --die-with-parent, SIGTERM to bwrap ends all processes inside.
        killer = """
import os, signal, subprocess, sys, time
process = subprocess.Popen(sys.argv[2:])
def end(*_):
    process.kill()
    os.waitpid(process.pid, 0)
    if sys.argv[1] == "TERM":
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
    os._exit(int(sys.argv[1]))
signal.signal(signal.SIGTERM, end)
while True:
    time.sleep(0.05)
"""
        for how, wanted in (("TERM", 1), ("143", 1), ("0", 1), ("3", 3)):
            with self.subTest(how):
                self.renew_shared_directory()
                process = self.start_waiting([*client(killer), how], DEAF)
                pid = subprocess.run(
                    ["pgrep", "--parent", str(process.pid)], capture_output=True, check=True
                ).stdout
                process.signal(signal.SIGTERM)
                bridge.eventually("it is on its way", lambda p=process: "deaf" in p.out)
                os.kill(int(pid), signal.SIGTERM)
                self.assertEqual(process.wait(), wanted, process.err)

    def test_a_container_that_restarts_after_stopping_is_stopped(self):
        again = 'for n in 1 2 3 4 5; do "$@"; done'
        code = "notify('READY=1'); notify('STOPPING=1'); barrier(); up()"
        receiver = self.receiver()
        process = self.start(
            bridge.WAIT, "sh", "-c", again, "sh",
            *self.command(bridge.WRAP, *bridge.app(
                "if os.path.exists('again'): notify('X_AGAIN=1'); stay()\n"
                "open('again', 'x').close()\n" + code
            )),
            NOTIFY_SOCKET=receiver.path,
            options={"cwd": self.dir},
        )
        before = time.monotonic()
        self.assertNotEqual(process.wait(), 0)
        self.assertLess(time.monotonic() - before, bridge.PATIENCE)


bridge.main()
