#!/usr/bin/python3
"""A command that must be PID 1 becomes PID 1, and `wrap` continues as its child."""

import os
import shutil
import signal
import sys

import adversary
import bridge
import stream  # pylint: disable=unused-import # It makes shared_dir importable.
from shared_dir import END, read_records

# An init. Before it ends, it sends SIGTERM to all processes, unless its argument is "rude".
INIT = f"""#!{sys.executable}
import os, signal, sys, time
sys.path.insert(0, {bridge.HERE!r})
from sdnotify import *

def end(number, _):
    notify("STOPPING=1\\nSTATUS=signal %d" % number)
    barrier()
    if "rude" not in sys.argv:
        at_once = [signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP, signal.SIGCONT]
        for number in at_once if "twice" in sys.argv else [signal.SIGTERM]:
            os.kill(-1, number)
        time.sleep(0.3)
    os._exit(5 if "fails" in sys.argv else 0)

signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGRTMIN + 3, end)
open(sys.argv[0] + ".up", "w").close()
notify("READY=1\\nSTATUS=pid %d, %s" % (os.getpid(), os.environ.get("NOTIFYBRIDGE_TOKEN")))
stay()
"""


class Pid1(bridge.Case):
    def start_init(self, receiver, *words, name="init", options=()):
        """Starts the init in a new pid namespace, and its `wait`."""
        program = self.path(name)
        with open(program, "w", encoding="utf-8") as file:
            file.write(INIT)
        os.chmod(program, 0o755)
        return self.start(
            bridge.WAIT,
            *("unshare", "--pid", "--fork", "--mount-proc"),
            *self.command(bridge.WRAP, *options, program, *words),
            NOTIFY_SOCKET=receiver.path,
        )

    def test_a_command_named_init_is_pid_1_and_ends_in_order(self):
        for name, number in (("init", signal.SIGTERM), ("systemd", signal.SIGRTMIN + 3)):
            for words, status in (([], 0), (["fails"], 5), (["rude"], 0), (["rude", "fails"], 5)):
                with self.subTest(name=name, words=words):
                    self.renew_shared_directory()
                    receiver = self.receiver()
                    process = self.start_init(receiver, *words, name=name)
                    receiver.wait_for(b"READY=1\nSTATUS=pid 1, None")
                    process.signal(signal.SIGTERM)
                    self.assertEqual(process.wait(), status, process.err)
                    self.assertEqual(process.err, "")
                    self.assertEqual(
                        receiver.messages[1:], [b"STOPPING=1\nSTATUS=signal %d" % number]
                    )

    def test_a_stop_by_the_host_reaches_pid_1(self):
        # With the default KillMode=, systemd sends SIGTERM to `wrap` if the container is in the
        # unit's group.
        for name, number in (("init", signal.SIGTERM), ("systemd", signal.SIGRTMIN + 3)):
            with self.subTest(name=name):
                self.renew_shared_directory()
                receiver = self.receiver()
                process = self.start_init(receiver, "fails", name=name)
                receiver.wait_for(b"READY=1\nSTATUS=pid 1, None")
                (unshare,) = adversary.children(process.pid)
                (pid_1,) = adversary.children(unshare)
                (wrap,) = adversary.children(pid_1)
                os.kill(wrap, signal.SIGTERM)
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 5, process.err)
                self.assertEqual(receiver.messages[1:], [b"STOPPING=1\nSTATUS=signal %d" % number])

    def test_two_signals_end_the_bridge_once(self):
        # An inner systemd that stops sends SIGTERM and SIGHUP to all processes.
        receiver = self.receiver()
        process = self.start_init(receiver, "twice")
        receiver.wait_for(b"READY=1\nSTATUS=pid 1, None")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)
        with open(os.path.join(self.shared, "journal"), "rb") as journal:
            ends = [record for record in read_records(journal.read()) if record["type"] == END]
        self.assertEqual([record["payload"] for record in ends], [b"EXITED=0"])

    def test_a_probe_makes_pid_1_ready(self):
        receiver = self.receiver()
        process = self.start_init(receiver, options=[f"--ready-when=file:{self.path('init.up')}"])
        receiver.wait_for_lines(b"READY=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)

    def test_a_command_that_cannot_run_is_reported(self):
        words = ["--pid", "--fork", "--mount-proc", self.command(bridge.WRAP)[0]]
        os.symlink(shutil.which("unshare"), os.path.join(self.bin, "unshare"))
        missing = self.path("nothing", "init")
        self.assert_refused(
            self.run_to_end("unshare", *words, missing), "cannot run", missing, status=127
        )
        self.assert_refused(self.run_to_end("unshare", *words, "/etc/init"), "/etc/init", status=127)
        for probe in ("log:up", "fd:3", "exit"):
            result = self.run_to_end("unshare", *words, f"--ready-when={probe}", missing)
            self.assert_refused(result, "PID 1")

    def test_outside_pid_1_an_init_is_a_usual_command(self):
        program = self.path("init")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexit 7\n")
        os.chmod(program, 0o755)
        self.assertEqual(self.run_to_end(bridge.WRAP, program)[0], 7)


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("unshare"):
        print("skipped: it takes root and unshare")
        sys.exit(bridge.SKIPPED)
    bridge.main()
