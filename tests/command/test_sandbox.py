#!/usr/bin/python3
"""Tests what `wait` gives up when the command runs, and that it can still do its work."""

import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

import bridge

SAID = "gave up rights that are no longer needed: "
# A time zone that no machine uses, as a file of tzfile(5), version 1. So a time in this zone cannot
# be mistaken for one in another zone.
ZONE_SECONDS = -(4 * 3600 + 37 * 60)
ZONE = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 0, 1, 4)
ZONE += struct.pack(">lBB", ZONE_SECONDS, 0, 0) + b"NBT\0"


def rights(pid):
    """Returns whether the process may get new privileges, and whether its system calls are
    filtered."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return re.findall(r"^(NoNewPrivs|Seccomp):\t(\d)$", file.read(), re.MULTILINE)


NARROWED = [("NoNewPrivs", "1"), ("Seccomp", "2")]


class Sandbox(bridge.Case):
    def start_ready(self, code="stay()", wait_options=(), **env):
        receiver = self.receiver()
        code = "notify('READY=1'); print(os.getpid(), os.getppid(), flush=True)\n" + code
        process = self.start_app(receiver, code, wait_options, **env)
        receiver.wait_for(b"READY=1")
        bridge.eventually("the app says its pid", lambda: process.out.endswith("\n"))
        return process, receiver

    def test_wait_is_sandboxed_but_its_command_is_not(self):
        process, _ = self.start_ready()
        self.assertEqual(rights(process.pid), NARROWED)
        for pid in process.out.split():
            self.assertEqual(rights(pid), rights(os.getpid()))

    def test_wait_without_a_command_is_also_sandboxed(self):
        process = self.start(bridge.WAIT, NOTIFY_SOCKET=self.receiver().path)
        bridge.eventually("it is narrowed", lambda: rights(process.pid) == NARROWED)

    def test_members_are_read_wherever_their_directories_are(self):
        os.mkdir(self.path("elsewhere"))
        os.symlink(self.path("elsewhere"), self.path(self.shared, "db"))
        receiver = self.receiver()
        process = self.start(bridge.WAIT, "--member=db", "--stop", NOTIFY_SOCKET=receiver.path)
        bridge.eventually("it is narrowed", lambda: rights(process.pid) == NARROWED)
        code = "notify('READY=1'); stay()"
        wrap = self.start(
            bridge.WRAP, *bridge.app(code), SHARED_DIR=self.path(self.shared, "db")
        )
        receiver.wait_for_lines(b"READY=1")
        status, out, err = self.run_to_end("notifybridge", "status", self.shared)
        self.assertEqual(status, 0, err)
        self.assertIn("db ", out)
        process.signal(signal.SIGTERM)
        self.assertEqual(wrap.wait(), -signal.SIGTERM, wrap.err)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)

    def test_the_option_no_sandbox_keeps_all_rights(self):
        process, _ = self.start_ready(wait_options=["--no-sandbox"])
        self.assertEqual(rights(process.pid), rights(os.getpid()))
        self.assertNotIn(SAID, self.run_to_end(bridge.WAIT, "--verbose", "--no-sandbox", "true")[2])

    def test_main_pid_is_translated_without_landlock(self):
        result = self.run_to_end(bridge.WAIT, "--verbose", "--main-pid=translate", "true")
        self.assertIn(SAID + "no_new_privs, seccomp (without Landlock: ", result[2])

    def test_a_returning_manager_is_reached(self):
        code = """
notify("READY=1")
for line in sys.stdin:
    notify(f"X_ORDER={line.strip()}")
"""
        path = self.path("notify")
        orders, our_end = os.pipe()
        command = self.command(bridge.WRAP, *bridge.app(code))
        receiver = bridge.Receiver(path)
        process = self.start(bridge.WAIT, *command, stdin=orders, NOTIFY_SOCKET=path)
        os.close(orders)
        receiver.wait_for(b"READY=1")
        receiver.close()
        os.write(our_end, b"first\n")
        bridge.eventually("it is missed", lambda: "cannot reach" in process.err)
        receiver = bridge.Receiver(path)
        self.addCleanup(receiver.close)
        receiver.wait_for(b"X_ORDER=first")
        os.close(our_end)
        self.assertEqual(process.wait(), 0, process.err)

    def test_the_log_shows_the_local_time(self):
        with open(self.path("zone"), "wb") as file:
            file.write(ZONE)
        began = int(time.time())
        # Nothing is logged before the first message, so nothing has read the zone before.
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app("notify('READY=1'); stay()")),
            NOTIFY_SOCKET=self.path("nobody"),
            TZ=":" + self.path("zone"),
        )
        bridge.eventually("it is missed", lambda: "cannot reach" in process.err)
        wanted = [
            time.strftime("[PROXY %H:%M:%S] ", time.gmtime(moment + ZONE_SECONDS))
            for moment in range(began, int(time.time()) + 1)
        ]
        self.assertIn(process.err[: len(wanted[0])], wanted)


def unavailable():
    """Returns why the sandbox cannot be tested here: the kernel, or an instrumented build."""
    with tempfile.TemporaryDirectory(prefix="notifybridge-") as shared:
        said = subprocess.run(
            [bridge.EXECUTABLE, "wait", "--verbose", f"--shared-dir={shared}", "true"],
            capture_output=True,
            text=True,
            timeout=bridge.PATIENCE,
        ).stderr
    return re.search(re.escape(SAID) + r".*?\((.*)\)$", said, re.MULTILINE)


if why := unavailable():
    print("skipped:", why[1])
    sys.exit(bridge.SKIPPED)
bridge.main()
