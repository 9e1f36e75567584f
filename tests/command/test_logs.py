#!/usr/bin/python3
"""Tests the form and the amount of the log lines of both sides."""

import contextlib
import fcntl
import os
import re

import bridge

MAIN = r"^\[MAIN \d\d:\d\d:\d\d\] "
PROXY = r"^\[PROXY \d\d:\d\d:\d\d\] "


class Logs(bridge.Case):
    def bridged(self, wait_options=(), wrap_options=(), **env):
        receiver = self.receiver()
        process = self.start_app(receiver, "notify('READY=1')", wait_options, wrap_options, **env)
        self.assertEqual(process.wait(), 0, process.err)
        return process

    def test_without_verbose_success_is_silent(self):
        self.assertEqual(self.bridged().err, "")

    def test_verbose_wrap_logs_its_messages(self):
        err = self.bridged(wrap_options=["--verbose"]).err
        self.assertRegex(
            err, re.compile(MAIN + r"Starting container wrapper for: \S*python3\S*", re.MULTILINE)
        )
        self.assertRegex(err, re.compile(PROXY + "Process signaled ready!$", re.MULTILINE))

    def test_verbose_wait_logs_its_messages(self):
        err = self.bridged(wait_options=["--verbose"]).err
        self.assertRegex(err, re.compile(MAIN + r".*[0-9]+", re.MULTILINE))
        self.assertRegex(
            err, re.compile(PROXY + "Sending READY=1 notification to systemd$", re.MULTILINE)
        )

    def test_the_journal_gets_priorities_instead_of_the_clock(self):
        receiver = self.receiver()
        words = [bridge.WAIT, "--verbose", *self.command(bridge.WRAP, "--verbose", "true")]
        # systemd puts the device and inode of standard error into JOURNAL_STREAM. Clients of
        # journald compare them with their own standard error.
        log = self.path("log")
        with open(log, "w", encoding="utf-8") as file:
            identity = os.fstat(file.fileno())
            process = bridge.Process(
                self.dir,
                ["sh", "-c", f'exec "$@" 2>{log}', "sh", *self.command(*words)],
                self.environment(
                    NOTIFY_SOCKET=receiver.path,
                    JOURNAL_STREAM=f"{identity.st_dev}:{identity.st_ino}",
                ),
                start_new_session=True,
            )
            self.addCleanup(process.end)
            self.assertEqual(process.wait(), 0)
        lines = self.read("log").splitlines()
        self.assertGreater(len(lines), 1)
        for line in lines:
            self.assertRegex(line, r"^<[0-7]>")

    def test_an_unread_log_does_not_block_for_long(self):
        log = self.path("log")
        os.mkfifo(log)
        unread = os.open(log, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, unread)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(unread, b"filling\n" * 512)
        receiver = self.receiver()
        words = [bridge.WAIT, "--verbose", *self.command(bridge.WRAP, "--verbose")]
        code = "notify('X_BAD')\nfor number in range(50):\n notify('bad line')\nnotify('READY=1')"
        process = bridge.Process(
            self.dir,
            ["sh", "-c", f'exec "$@" 2>{log}', "sh", *self.command(*words), *bridge.app(code)],
            self.environment(NOTIFY_SOCKET=receiver.path),
            start_new_session=True,
        )
        self.addCleanup(process.end)
        self.assertEqual(process.wait(), 0)
        self.assertIn(b"READY=1", receiver.messages)

    def test_log_lines_dropped_by_a_full_pipe_are_counted(self):
        log = self.path("log")
        os.mkfifo(log)
        reading = os.open(log, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, reading)
        fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 8192)
        # Without a service manager, `wait` logs each message. The escaped STATUS= is longer than
        # PIPE_BUF, and is written when the pipe has room. Waiting for room must not delay a
        # barrier.
        code = """if True:
            notify("STATUS=up")
            for _ in range(3):
                notify("STATUS=" + "\\x01" * 2000)
            barrier()
            up()
            sys.stdin.readline()
            notify("STATUS=again")
        """
        unread, go_on = os.pipe()
        words = self.command(bridge.WAIT, *self.command(bridge.WRAP, *bridge.app(code)))
        process = bridge.Process(
            self.dir,
            ["sh", "-c", f'exec "$@" 2>{log}', "sh", *words],
            self.environment(NOTIFY_SOCKET=None),
            unread,
            start_new_session=True,
        )
        self.addCleanup(process.end)
        os.close(unread)
        bridge.eventually("the barrier came back", lambda: "up" in process.out)
        self.assertIn(b"would send STATUS=", os.read(reading, 65536))
        os.write(go_on, b"go on\n")
        os.close(go_on)
        self.assertEqual(process.wait(), 0)
        rest = os.read(reading, 65536)
        self.assertRegex(rest, rb"(?m)^\[MAIN \d\d:\d\d:\d\d\] .*\d+ lines of this log were lost")
        self.assertIn(b"would send STATUS=again", rest)

    def test_failures_are_logged_without_verbose(self):
        status, _, err = self.run_to_end(bridge.WRAP, "no-such-command")
        self.assertEqual(status, 127)
        self.assertRegex(err, MAIN + ".*no-such-command")


bridge.main()
