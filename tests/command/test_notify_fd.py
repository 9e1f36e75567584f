#!/usr/bin/python3
"""Tests `wrap --notify-fd=N`, which reports to a supervisor other than systemd that the command is
ready."""

import os
import shutil
import subprocess
import sys
import threading
import unittest

import bridge

sys.path.insert(0, os.path.join(bridge.HERE, "..", "docs"))
import documented


class NotifyFd(bridge.Case):
    def start_wrap(self, *words, shared=None, socket=None, **more):
        """Starts `wrap` with a pipe for its newline. Returns the process and the supervisor's end
        of the pipe."""
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        process = self.start(
            bridge.WRAP, f"--notify-fd={writing}", *words, SHARED_DIR=shared, NOTIFY_SOCKET=socket,
            options={"pass_fds": [writing]}, **more,
        )
        os.close(writing)
        return process, reading

    def read_all(self, reading):
        """Returns all data that arrives until the last writer has closed its end."""
        received = []

        def read():
            while piece := os.read(reading, 4096):
                received.append(piece)

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        reader.join(bridge.PATIENCE)
        self.assertFalse(reader.is_alive(), f"still open after {received}")
        return b"".join(received)

    def test_ready_writes_a_newline_and_closes_the_descriptor(self):
        process, reading = self.start_wrap(*bridge.app("notify('READY=1\\nSTATUS=x'); stay()"))
        # The newline and the end of the pipe arrive while the command runs, so the command has no
        # copy.
        self.assertEqual(self.read_all(reading), b"\n")
        self.assertTrue(process.is_running(), process.err)

    def test_only_ready_reaches_the_supervisor(self):
        code = """
for text in ("STATUS=up", "X_A=1", "MAINPID=1", "WATCHDOG=1", "STOPPING=1", "RELOADING=1"):
    notify(text)
barrier()
sys.exit(7)
"""
        process, reading = self.start_wrap(*bridge.app(code))
        self.assertEqual(self.read_all(reading), b"")
        self.assertEqual(process.wait(), 7)

    def test_probes_decide_when_the_newline_is_written(self):
        go = self.path("go")
        process, reading = self.start_wrap(
            f"--ready-when=file:{go}", "--ready-interval=10ms", "--on-ready=echo hook",
            *bridge.app("notify('READY=1'); barrier(); up(); stay()"),
        )
        bridge.eventually("the app is up", lambda: process.out)
        os.set_blocking(reading, False)
        with self.assertRaises(BlockingIOError):
            os.read(reading, 1)
        os.set_blocking(reading, True)
        with open(go, "w", encoding="utf-8"):
            pass
        self.assertEqual(self.read_all(reading), b"\n")

    def test_a_service_manager_also_gets_the_messages(self):
        receiver = self.receiver()
        _, reading = self.start_wrap(
            *bridge.app("notify('READY=1\\nSTATUS=up'); stay()"), socket=receiver.path
        )
        self.assertEqual(self.read_all(reading), b"\n")
        receiver.wait_for(b"READY=1\nSTATUS=up")

    def test_a_shared_directory_also_gets_the_messages(self):
        _, reading = self.start_wrap(
            *bridge.app("notify('READY=1\\nSTATUS=up'); stay()"), shared=self.shared
        )
        self.assertEqual(self.read_all(reading), b"\n")
        bridge.eventually("READY", lambda: "STATUS=up" in self.container_status())

    def test_wrap_with_notify_fd_may_run_wait(self):
        inner = self.command(bridge.WRAP, *bridge.app("notify('READY=1'); stay()"))
        _, reading = self.start_wrap(
            "env", f"SHARED_DIR={self.shared}", *self.command(bridge.WAIT, *inner)
        )
        self.assertEqual(self.read_all(reading), b"\n")

    def test_a_supervisor_that_has_gone_is_harmless(self):
        process, reading = self.start_wrap(
            *bridge.app("up(); sys.stdin.read(); notify('READY=1'); barrier(); sys.exit(4)"),
            stdin=subprocess.PIPE,
        )
        bridge.eventually("the app is up", lambda: process.out)
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), reading)
        process._process.stdin.close()
        self.assertEqual(process.wait(), 4)
        self.assertIn("cannot write the newline to descriptor", process.err)
        self.assertIn("Broken pipe", process.err)

    def test_a_probe_may_use_the_same_descriptor_number(self):
        # A command that supports s6 expects the same descriptor number as `wrap` if both run under
        # s6.
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.dup2(writing, 60)
        os.close(writing)
        try:
            self.start(
                bridge.WRAP, "--notify-fd=60", "--ready-when=fd:60",
                *bridge.app("os.write(60, b'\\n'); os.close(60); stay()"),
                SHARED_DIR=None, options={"pass_fds": [60]},
            )
        finally:
            os.close(60)
        self.assertEqual(self.read_all(reading), b"\n")

    def test_a_bad_number_is_refused(self):
        for number in ("2", "-1", "1024", "x", "3 "):
            with self.subTest(number):
                self.assert_refused(
                    self.run_to_end(bridge.WRAP, f"--notify-fd={number}", "true"),
                    "is not a valid descriptor", "from 3 to 1023",
                )

    def test_a_descriptor_that_was_not_passed_is_refused(self):
        self.assert_refused(
            self.run_to_end(bridge.WRAP, "--notify-fd=99", "true"),
            "--notify-fd=99: this descriptor was not passed", "notification-fd", "pipefd:N",
        )

    def test_a_descriptor_to_read_from_is_refused(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        self.assert_refused(
            self.run_to_end(
                bridge.WRAP, f"--notify-fd={reading}", "true", options={"pass_fds": [reading]}
            ),
            f"--notify-fd={reading}: the descriptor cannot be written to",
        )

    def test_a_socket_of_systemd_is_refused(self):
        words = " ".join(self.command(bridge.WRAP, "--notify-fd=3", "true"))
        script = f"LISTEN_FDS=1 LISTEN_PID=$$ exec {words} 3>{self.path('socket')}"
        done = subprocess.run(
            ["sh", "-c", script], env=self.environment(), text=True,
            capture_output=True, timeout=bridge.PATIENCE, check=False,
        )
        self.assert_refused(
            (done.returncode, done.stdout, done.stderr),
            "--notify-fd=3: systemd passed this socket",
        )

    def test_run_suggests_wrap_for_notify_fd(self):
        self.assert_refused(
            self.run_to_end("notifybridge", "run", "--notify-fd=3", "podman", "run", "x"),
            "'--notify-fd' is not an option of this command", "notifybridge wrap --notify-fd=N",
        )

    @unittest.skipUnless(shutil.which("s6-supervise"), "s6 is not installed")
    def test_s6_receives_the_readiness(self):
        """Runs the recipe of notifybridge-examples(7), with a stand-in for the app."""
        page = os.path.join(documented.MAN, "notifybridge-examples.7")
        run = next(text for below, _, text in documented.blocks(page) if below == "OTHER SUPERVISORS")
        address, app = "listen:6379", "redis-server"
        self.assertTrue(run.endswith(f"notifybridge wrap --notify-fd=3 --ready-when={address} {app}\n"))
        service, go = self.path("service"), self.path("go")
        os.mkdir(service)
        files = (
            (os.path.join(service, "notification-fd"), "3\n"),
            (os.path.join(service, "run"), run.replace(address, f"file:{go}")),
            (os.path.join(self.bin, app), "#!/bin/sh\nexec sleep 9999\n"),
        )
        for path, text in files:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(path, 0o755)
        supervisor = bridge.Process(
            self.dir, ["s6-supervise", service],
            self.environment(SHARED_DIR=None, PATH=f"{self.bin}:{os.environ['PATH']}"),
            start_new_session=True,
        )
        self.addCleanup(supervisor.end)
        # Wait until the app is down, because it would outlive a killed supervisor.
        self.addCleanup(
            subprocess.run, ["s6-svc", "-wD", "-T", "10000", "-xd", service], check=False
        )

        def state():
            return subprocess.run(
                ["s6-svstat", "-o", "up,ready", service], text=True, capture_output=True, check=False
            ).stdout.strip()

        bridge.eventually(state, lambda: state() == "true false")
        with open(go, "w", encoding="utf-8"):
            pass
        bridge.eventually(state, lambda: state() == "true true")


bridge.main()
