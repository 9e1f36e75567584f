#!/usr/bin/python3
"""Tests a command whose output is searched for a line. The output itself must not change."""

import fcntl
import os
import re
import signal
import subprocess
import threading
import unittest

import adversary
import bridge
import probed

MEGABYTE = 1000 * 1000
READY = "--ready-when=log:^ready$"


class Piped:
    """A process whose standard output is a pipe. With BOTH, standard error is the same pipe."""

    def __init__(self, case, command, both=False, stdin=subprocess.DEVNULL, pass_fds=(), **env):
        self._read, write = os.pipe()
        self._errors = open(case.path("errors"), "w+b")
        self.process = subprocess.Popen(
            command,
            env=case.environment(
                SHARED_DIR=None,
                RUNTIME_DIRECTORY=case.dir,
                NOTIFY_SOCKET=case.manager.path,
                **env,
            ),
            stdin=stdin,
            stdout=write,
            stderr=write if both else self._errors,
            start_new_session=True,
            pass_fds=pass_fds,
        )
        os.close(write)
        case.addCleanup(self.end)

    def read(self, size):
        """Waits for data in the pipe. Returns at most SIZE bytes, or an empty text at the end."""
        return os.read(self._read, size)

    def read_all(self):
        parts = []
        while part := self.read(MEGABYTE):
            parts.append(part)
        return b"".join(parts)

    def stop_reading(self):
        os.close(self._read)
        self._read = None

    def wait(self):
        return self.process.wait(bridge.PATIENCE)

    def errors(self):
        return os.pread(self._errors.fileno(), MEGABYTE, 0).decode()

    def is_full(self):
        """Returns whether every write to the pipe would block."""
        size = fcntl.fcntl(self._read, fcntl.F_GETPIPE_SZ)
        there = fcntl.ioctl(self._read, 0x541B, b"\0" * 4)  # FIONREAD.
        return int.from_bytes(there, "little") > size - 4096

    def end(self):
        bridge.end_session(self.process.pid)
        self.process.wait()
        if self._read is not None:
            os.close(self._read)
        self._errors.close()


class Output(probed.Case):
    def piped(self, *words, **more):
        return Piped(self, self.command(bridge.WRAP, *words), **more)

    def wait_until_ready(self):
        self.manager.wait_for_lines(b"READY=1")

    def test_a_line_on_either_stream_makes_the_command_ready(self):
        for where in (1, 2):
            with self.subTest(where):
                self.manager.messages.clear()
                process = self.straight(
                    READY, "sh", "-c",
                    f"echo not ready; until [ -e {self.path('go')} ]; do sleep 0.01; done\n"
                    f"echo ready >&{where}; exec sleep infinity",
                )
                self.wait_for_status("waiting for log:^ready$", "no line has matched yet")
                self.assert_never_ready()
                self.write("go")
                self.wait_until_ready()
                out = "not ready\nready\n" if where == 1 else "not ready\n"
                bridge.eventually("the line arrives", lambda: process.out == out)
                self.assertEqual(process.err, "ready\n" if where == 2 else "")
                os.unlink(self.path("go"))

    def test_several_lines_may_come_in_any_order(self):
        process = self.straight(
            "--ready-when=log:^one", "--ready-when=log:^two", "sh", "-c",
            f"echo two >&2; until [ -e {self.path('go')} ]; do sleep 0.01; done; echo one; sleep 1000",
        )
        self.wait_for_status("waiting for log:^one")
        self.assert_never_ready()
        self.write("go")
        self.wait_until_ready()
        self.assertTrue(process.is_running())

    def test_a_last_line_without_a_newline_counts(self):
        for script, status in (("printf ready", 0), ("printf ready >&2; exit 3", 3)):
            with self.subTest(script):
                self.manager.messages.clear()
                process = self.straight(READY, "sh", "-c", script)
                self.assertEqual(process.wait(), status)
                self.wait_until_ready()
                self.assertEqual(process.out + process.err, "ready")

    def test_every_byte_of_output_arrives(self):
        process = self.piped(
            READY, *bridge.app(
                "data = bytes(range(256)) * 40000\n"
                "os.write(1, b'ready\\n')\n"
                "while data: data = data[os.write(1, data):]\n"
            ),
        )
        self.assertEqual(process.read_all(), b"ready\n" + bytes(range(256)) * 40000)
        self.assertEqual(process.wait(), 0)

    def test_stdout_and_stderr_on_one_pipe_keep_their_order(self):
        process = self.piped(
            READY, *bridge.app(
                "for n in range(20000): os.write(1 + n % 2, b'%d\\n' % n)\n"
                "os.write(2, b'ready\\n')"
            ),
            both=True,
        )
        lines = process.read_all().split()
        self.assertEqual(lines, [b"%d" % n for n in range(20000)] + [b"ready"])
        self.wait_until_ready()

    def test_a_line_of_100_megabytes_is_passed_on_whole(self):
        script = "head -c 100000000 /dev/zero; echo; echo ready; exec sleep infinity"
        process = self.piped(READY, "sh", "-c", script)
        expected = 100 * MEGABYTE + len("\nready\n")
        total = 0
        while total < expected:
            total += len(process.read(MEGABYTE))
        self.wait_until_ready()
        with open(f"/proc/{process.process.pid}/status", encoding="ascii") as file:
            peak = int(re.search(r"\nVmHWM:\s*(\d+) kB", file.read())[1])
        if os.environ.get("NOTIFYBRIDGE_FIGURES") == "yes":
            self.assertLess(peak, 8000)

    def test_a_stopped_reader_blocks_only_the_output(self):
        process = self.piped(
            READY, "--alive-when=process", *bridge.app(
                "import threading\n"
                "def flood():\n"
                "    data = b'x' * 10**6\n"
                "    while data: data = data[os.write(1, data):]\n"
                "    os.write(1, b'end')\n"
                "threading.Thread(target=flood).start()\n"
                f"while not os.path.exists({self.path('go')!r}): time.sleep(0.01)\n"
                "os.write(2, b'ready\\n'); notify('X_AFTER=1')\n"
                f"while not os.path.exists({self.path('end')!r}): time.sleep(0.01)\n"
            ),
            WATCHDOG_USEC="300000",
        )
        bridge.eventually("nobody can write", process.is_full)
        self.write("go")
        self.manager.wait_for_lines(b"READY=1", b"X_AFTER=1", b"WATCHDOG=1")
        self.assertTrue(process.is_full())
        self.write("end")
        self.assertEqual(process.read_all(), b"x" * MEGABYTE + b"end")
        self.assertEqual(process.wait(), 0)

    def test_a_command_that_writes_endlessly_can_be_ended(self):
        process = self.piped(READY, "sh", "-c", "echo ready; exec yes")
        threading.Thread(target=process.read_all, daemon=True).start()
        self.wait_until_ready()
        process.process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM)

    def test_a_closed_reader_gives_the_command_sigpipe(self):
        process = self.piped(READY, "sh", "-c", "echo ready; exec yes")
        self.wait_until_ready()
        process.stop_reading()
        self.assertEqual(process.wait(), 128 + signal.SIGPIPE, process.errors())

    def test_a_reader_closed_at_the_end_changes_nothing(self):
        process = self.piped(
            READY, "sh", "-c",
            f"until [ -e {self.path('go')} ]; do sleep 0.01; done; echo ready; exit 7",
        )
        process.stop_reading()
        self.write("go")
        self.assertEqual(process.wait(), 7, process.errors())
        self.wait_until_ready()

    def test_the_end_waits_for_the_reader_until_a_stop(self):
        script = "head -c 100000 /dev/zero; echo; echo ready"
        for told in (False, True):
            with self.subTest(told=told):
                self.manager.messages.clear()
                process = self.piped("--kill-after=100ms", READY, "sh", "-c", script)
                self.wait_until_ready()
                pid = process.process.pid
                bridge.eventually("the command ended", lambda: not adversary.children(pid))
                self.assertIsNone(process.process.poll())
                if told:
                    process.process.send_signal(signal.SIGTERM)
                    self.assertEqual(process.wait(), 0)
                    self.assertIn("nobody reads standard output", process.errors())
                else:
                    self.assertEqual(len(process.read_all()), 100000 + len("\nready\n"))
                    self.assertEqual(process.wait(), 0)

    def test_output_of_a_leftover_is_passed_on(self):
        process = self.piped(
            READY, "sh", "-c",
            f"(trap 'echo bye; exit' TERM; : > {self.path('up')}; while :; do sleep 0.01; done) &\n"
            f"until [ -e {self.path('up')} ]; do sleep 0.01; done; echo ready",
        )
        self.assertEqual(process.read_all(), b"ready\nbye\n")
        self.assertEqual(process.wait(), 0)

    def test_a_command_may_close_its_output(self):
        ends = os.pipe()
        self.addCleanup(os.close, ends[1])
        other = os.pipe()
        self.addCleanup(os.close, other[0])
        command = self.command(
            bridge.WRAP, "bash", "-c", f"echo up; exec sleep 1000 <&- >&- {other[1]}>&-"
        )
        piped = Piped(self, command, stdin=ends[0], pass_fds=[other[1]])
        os.close(ends[0])
        os.close(other[1])
        self.assertEqual(piped.read_all(), b"up\n")
        self.assertEqual(os.read(other[0], 1), b"")
        self.assertIsNone(piped.process.poll())

        def is_broken():
            try:
                os.write(ends[1], b"x")
            except BrokenPipeError:
                return True
            return False

        bridge.eventually("nobody reads its input", is_broken)
        self.assertIsNone(piped.process.poll())

    def test_a_closed_output_stays_closed(self):
        script = self.command(bridge.WRAP)[0]
        shell = f'exec {script} "$@" >&-'
        process = Piped(
            self,
            ["sh", "-c", shell, "sh", READY, "sh", "-c", "echo ready >&2; echo x >&1 || exit 4"],
        )
        self.assertEqual(process.wait(), 4, process.errors())
        self.wait_until_ready()

    def test_files_are_appended_to(self):
        with open(self.path("log"), "ab") as log:
            log.write(b"before\n")
            log.flush()
            process = subprocess.Popen(
                self.command(bridge.WRAP, READY, "sh", "-c", "echo ready; echo more >&2"),
                env=self.environment(
                    SHARED_DIR=None,
                    RUNTIME_DIRECTORY=self.dir,
                    NOTIFY_SOCKET=self.manager.path,
                ),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
            self.assertEqual(process.wait(bridge.PATIENCE), 0)
        self.assertEqual(self.read("log"), "before\nready\nmore\n")

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_the_command_continues_if_the_output_disk_is_full(self):
        with open("/dev/full", "wb", buffering=0) as full:
            process = subprocess.Popen(
                self.command(bridge.WRAP, READY, "sh", "-c", "echo ready; exit 6"),
                env=self.environment(
                    SHARED_DIR=None,
                    RUNTIME_DIRECTORY=self.dir,
                    NOTIFY_SOCKET=self.manager.path,
                ),
                stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE,
            )
            _, errors = process.communicate(timeout=bridge.PATIENCE)
        self.assertEqual(process.returncode, 6)
        self.assertEqual(errors.count(b"is lost: No space left on device"), 1, errors)


bridge.main()
