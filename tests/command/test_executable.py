#!/usr/bin/python3
"""The released executable is static and small, and does nothing while nothing happens."""

import os
import re
import shutil
import signal
import subprocess
import time
import unittest

import bridge

MEGABYTE = 1000 * 1000
KIBIBYTE = 1024
LIMIT = 6.5 * MEGABYTE


class Executable(bridge.Case):
    def environment(self, **changes):
        """Returns as few variables as a unit has. A copy of them counts as the process's memory."""
        env = super().environment(**changes)
        return {name: env[name] for name in ("PATH", "SHARED_DIR", *changes) if name in env}

    def output(self, *command):
        result = subprocess.run(command, capture_output=True, text=True, timeout=bridge.PATIENCE)
        return result.stdout + result.stderr

    @unittest.skipUnless(shutil.which("file"), "needs file(1)")
    def test_the_executable_is_static(self):
        shown = self.output("file", "-L", bridge.EXECUTABLE)
        self.assertRegex(shown, "static-pie linked|statically linked")

    @unittest.skipUnless(shutil.which("ldd"), "needs ldd(1)")
    def test_the_executable_needs_no_library(self):
        self.assertRegex(
            self.output("ldd", bridge.EXECUTABLE), "statically linked|not a dynamic executable"
        )

    def test_the_executable_has_at_most_6_5_megabytes(self):
        self.assertLessEqual(os.path.getsize(bridge.EXECUTABLE), LIMIT)

    def start_bridge(self):
        """Starts `wait`, `wrap` and an app that is ready and idle. Returns the pids of `wait` and
        `wrap`."""
        receiver = self.receiver()
        process = self.start_app(
            receiver,
            "notify('READY=1'); barrier(); print(os.getppid(), flush=True); stay()",
        )
        bridge.eventually("the app is up", lambda: process.out.endswith("\n"))
        # If container-status changes, `wrap` writes it within a second. After that, `wrap` writes
        # nothing.
        status = os.path.join(self.shared, "container-status")
        bridge.eventually("wrap writes it", lambda: "READY=1" in self.container_status())
        bridge.eventually(
            "wrap has written it all", lambda: time.time() - os.stat(status).st_mtime > 3
        )
        return process.pid, int(process.out)

    def test_wrap_and_wait_use_at_most_250_kilobytes(self):
        # Pages of a new file that are not written back yet would count as memory of the process.
        with open(bridge.EXECUTABLE, "rb") as file:
            os.fsync(file.fileno())
        for name, pid in zip(("wait", "wrap"), self.start_bridge()):
            with self.subTest(name):
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                    private = int(re.search(r"Private_Dirty: +(\d+) kB", file.read())[1])
                self.assertLessEqual(private * KIBIBYTE, 0.25 * MEGABYTE)

    @unittest.skipUnless(shutil.which("strace"), "needs strace(1)")
    def test_an_idle_process_makes_no_system_call(self):
        watched = []
        for name, pid in zip(("wait", "wrap"), self.start_bridge()):
            counts = self.path(f"strace-{name}")
            strace = subprocess.Popen(
                ["strace", "-c", "-f", "-o", counts, "-p", str(pid)],
                stderr=subprocess.PIPE,
                text=True,
            )
            self.addCleanup(strace.stderr.close)
            self.addCleanup(strace.wait)
            self.addCleanup(strace.kill)
            self.assertIn("attached", strace.stderr.readline())
            watched.append((name, strace, counts))
        # The test checks that nothing happens in this time.
        for name, strace, counts in watched:
            with self.subTest(name):
                with self.assertRaises(subprocess.TimeoutExpired):
                    strace.wait(10 if name == "wait" else 0.1)
        for name, strace, counts in watched:
            with self.subTest(name):
                strace.send_signal(signal.SIGINT)
                strace.wait(bridge.PATIENCE)
                self.assertEqual(self.read(f"strace-{name}"), "")


bridge.main()
