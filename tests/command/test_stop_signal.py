#!/usr/bin/python3
"""A stop reaches the app as the signal that the container requests."""

import os
import shutil
import signal
import sys

import adversary
import bridge

# An app that reports each signal. On its stop signal, it ends with this status.
TELL = """
def told(number, frame):
    print(signal.Signals(number).name, flush=True)
    if number == {ends}:
        sys.exit({status})
for name in "TERM INT USR1 WINCH".split():
    signal.signal(getattr(signal, "SIG" + name), told)
notify("READY=1"); barrier(); up(); stay()
"""

# An entry point at its first start: a shell that waits for a program, and then becomes the server.
ENTRY_POINT = ["bash", "-c", "echo up; sleep 1000; echo server; exec sleep 1000"]

# A client that exits with 128 + n after signal n, like `podman exec`.
CLIENT = """
import subprocess, sys
status = subprocess.Popen(sys.argv[1:]).wait()
sys.exit(status if status >= 0 else 128 - status)
"""


class Case(bridge.Case):
    def places(self):
        """Yields the words that start `wrap` as a child of `wait`, below a client, and as PID 1."""
        found = {"wait itself": [], "a client": [sys.executable, "-c", CLIENT]}
        if os.geteuid() == 0 and shutil.which("unshare"):
            found["PID 1"] = ["unshare", "--pid", "--fork", "--mount-proc"]
        for name, words in found.items():
            with self.subTest(name):
                self.renew_shared_directory()
                yield words


class StopSignal(Case):
    def start_stoppable(self, place, command, *options):
        process = self.start(
            bridge.WAIT,
            *place,
            *self.command(bridge.WRAP, *options, *command),
            NOTIFY_SOCKET=self.receiver().path,
        )
        bridge.eventually(lambda: f"it is up: {process.err}", lambda: "up\n" in process.out)
        return process

    def test_the_stop_signal_replaces_sigterm(self):
        for place in self.places():
            for ends, status, wanted in (
                ("USR1", 0, 0),
                ("USR1", 3, 3),
                # 128 + the signal's number means a requested stop, like an end by SIGTERM.
                ("USR1", 128 + signal.SIGUSR1, -signal.SIGTERM),
                ("WINCH", 128 + signal.SIGWINCH, -signal.SIGTERM),
            ):
                self.renew_shared_directory()
                number = getattr(signal, f"SIG{ends}")
                app = bridge.app(TELL.format(ends=int(number), status=status))
                process = self.start_stoppable(place, app, f"--stop-signal={ends}")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), wanted, process.err)
                self.assertEqual(process.out, f"up\nSIG{ends}\n")

    def test_an_end_by_the_stop_signal_is_a_requested_end(self):
        for place in self.places():
            command = ["sh", "-c", "echo up; exec sleep 1000"]
            process = self.start_stoppable(place, command, "--stop-signal=SIGUSR2")
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_another_signal_has_priority(self):
        for place in self.places():
            app = bridge.app(TELL.format(ends=int(signal.SIGINT), status=0))
            process = self.start_stoppable(place, app, "--stop-signal=USR1")
            process.signal(signal.SIGINT)
            self.assertEqual(process.wait(), 0, process.err)
            self.assertEqual(process.out, "up\nSIGINT\n")

    def test_sigint_reaches_the_program_that_a_shell_waits_for(self):
        for place in self.places():
            for number in (signal.SIGTERM, signal.SIGINT):
                self.renew_shared_directory()
                process = self.start_stoppable(place, ENTRY_POINT, "--stop-signal=SIGINT")
                process.signal(number)
                # A shell may run its next command before the signal ends it. Nothing is killed.
                self.assertEqual(process.wait(), -number, process.err)

    def test_pid_1_passes_on_its_own_signals_unchanged(self):
        if os.geteuid() != 0 or not shutil.which("unshare"):
            self.skipTest("it takes root and unshare")
        app = bridge.app(TELL.format(ends=int(signal.SIGUSR1), status=0))
        place = ["unshare", "--pid", "--fork", "--mount-proc"]
        process = self.start_stoppable(place, app, "--stop-signal=USR1")
        (unshare,) = adversary.children(process.pid)
        (wrap,) = adversary.children(unshare)
        for name in ("TERM", "USR1"):
            os.kill(wrap, getattr(signal, f"SIG{name}"))
            bridge.eventually(
                lambda: f"it came: {process.out!r}",
                lambda n=name: process.out.endswith(f"SIG{n}\n"),
            )
        self.assertEqual(process.wait(), 0, process.err)

    def test_pid_1_passes_on_terminal_stop_signals(self):
        if os.geteuid() != 0 or not shutil.which("unshare"):
            self.skipTest("it takes root and unshare")
        code = TELL.replace("WINCH", "WINCH TTIN TTOU")
        app = bridge.app(code.format(ends=int(signal.SIGUSR1), status=0))
        place = ["unshare", "--pid", "--fork", "--mount-proc"]
        process = self.start_stoppable(place, app)
        (unshare,) = adversary.children(process.pid)
        (wrap,) = adversary.children(unshare)
        for name in ("TTIN", "TTOU", "USR1"):
            os.kill(wrap, getattr(signal, f"SIG{name}"))
            bridge.eventually(
                lambda: f"it came: {process.out!r}",
                lambda n=name: process.out.endswith(f"SIG{n}\n"),
            )
        self.assertEqual(process.wait(), 0, process.err)

    def test_an_invalid_signal_is_refused(self):
        for text in ("TERMINATE", "0", "65"):
            result = self.run_to_end(bridge.WRAP, f"--stop-signal={text}", "true")
            self.assert_refused(result, f'--stop-signal="{text}" is not a signal', "SIGINT")


class Leftovers(Case):
    """Tests with processes that a stopped shell leaves if it does not wait for its program."""

    SHELL = ["sh", "-c", '"$@" & wait', "sh"]
    DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); notify('READY=1'); barrier(); up(); stay()"
    # This app reports the signals that it gets, and ends some time after the first one.
    SLOW = """
got = []
for name in {names!r}.split():
    signal.signal(getattr(signal, "SIG" + name), lambda number, _: got.append(number))
notify("READY=1"); barrier(); up()
while not got:
    time.sleep(0.01)
end = time.monotonic() + {seconds}
while time.monotonic() < end:
    time.sleep(0.01)
print(*(signal.Signals(each).name for each in got), flush=True)
"""

    def start_leaving(self, code, wait_options=(), wrap_options=(), place=()):
        wrap = self.command(bridge.WRAP, *wrap_options, *self.SHELL, *bridge.app(code))
        process = self.start(
            bridge.WAIT, *wait_options, *place, *wrap, NOTIFY_SOCKET=self.receiver().path
        )
        bridge.eventually(lambda: f"it is up: {process.err}", lambda: "up\n" in process.out)
        return process

    def test_leftovers_have_the_stop_timeout(self):
        # Only processes whose command ended without a request have the shorter time of 5 s.
        process = self.start_leaving(self.SLOW.format(names="TERM", seconds=5.5))
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        self.assertEqual(process.out, "up\nSIGTERM\n", process.err)
        self.assertNotIn("background", process.err)
        self.assertNotIn("killing", process.err)

    def test_leftovers_are_killed_after_the_stop_timeout(self):
        process = self.start_leaving(self.DEAF, ["--stop-timeout=300ms"])
        process.signal(signal.SIGTERM)
        process.wait()
        self.assertIn("longer than 300ms (--stop-timeout)", process.err)
        self.assertIn("killing 1 process that the command left behind", process.err)

    def test_kill_after_can_shorten_the_stop_timeout(self):
        process = self.start_leaving(self.DEAF, wrap_options=["--kill-after=300ms"])
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        self.assertIn(
            "killing 1 process that the command left behind: they did not end within 300ms (--kill-after)",
            process.err,
        )
        self.assertNotIn("--stop-timeout", process.err)

    def test_a_handled_stop_signal_is_not_followed_by_sigterm(self):
        for place in self.places():
            for name in "INT", "QUIT":
                self.renew_shared_directory()
                process = self.start_leaving(
                    self.SLOW.format(names=f"{name} TERM", seconds=0.3),
                    wrap_options=[f"--stop-signal={name}"],
                    place=place,
                )
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
                self.assertEqual(process.out, f"up\nSIG{name}\n")

    def test_an_ignored_stop_signal_is_followed_by_sigterm(self):
        # A shell's & starts processes that ignore the signal, unless they set a handler.
        code = """
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, lambda *_: (print("SIGTERM", flush=True), os._exit(0)))
notify("READY=1"); barrier(); up(); stay()
"""
        process = self.start_leaving(code, wrap_options=["--stop-signal=INT"])
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        self.assertEqual(process.out, "up\nSIGTERM\n")


class StopTimeout(bridge.Case):
    DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); notify('READY=1'); barrier(); up(); stay()"

    def test_the_default_is_the_managers_stop_signal(self):
        wrap = " ".join(self.command(bridge.WRAP, '"$@"'))
        manager = os.path.join(self.bin, "podman")
        with open(manager, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift\nexec {wrap}\n')
        os.chmod(manager, 0o755)
        for own, options, said in (
            (["--stop-timeout=1"], [], "1s"),
            (["--stop-timeout", "1"], [], "1s"),
            (["--stop-timeout=30"], ["--stop-timeout=300ms"], "300ms"),
        ):
            with self.subTest(own=own, options=options):
                self.renew_shared_directory()
                words = [manager, "run", *own, "--", *bridge.app(self.DEAF)]
                process = self.start(
                    bridge.WAIT, *options, *words, NOTIFY_SOCKET=self.receiver().path
                )
                bridge.eventually("it is up", lambda p=process: "up\n" in p.out)
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 128 + signal.SIGKILL, process.err)
                self.assertIn(f"longer than {said} (--stop-timeout)", process.err)


if __name__ == "__main__":
    bridge.main()
