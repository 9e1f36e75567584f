#!/usr/bin/python3
"""Checks that notifybridge-shared-dir(5) suffices to read a shared directory."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import documented
from shared_dir import (
    BARRIER,
    DATAGRAM,
    END,
    STATE,
    crc32c,
    is_locked,
    read_header,
    read_host,
    read_lines,
    read_records,
)

PATIENCE = 10


class Format(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="notifybridge-test.")
        self.addCleanup(directory.cleanup)
        self.shared = os.path.join(directory.name, "shared")
        os.mkdir(self.shared)
        self.manager_path = os.path.join(directory.name, "manager")
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(self.manager_path)
        self.manager.settimeout(PATIENCE)

    def file(self, name):
        return os.path.join(self.shared, name)

    def read(self, name):
        with open(self.file(name), "rb") as file:
            return file.read()

    def eventually(self, what, condition):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"not within {PATIENCE} s: {what}")
            time.sleep(0.005)

    def start(self, *command, **env):
        env = {**os.environ, "SHARED_DIR": self.shared, **env}
        process = subprocess.Popen(
            [documented.EXECUTABLE, *command], env=env, stdin=subprocess.PIPE
        )

        def end():
            process.stdin.close()
            process.terminate()
            process.wait(PATIENCE)

        self.addCleanup(end)
        return process

    def start_wrap(self, *command):
        # cat ends when its input ends, so it also ends if the test fails.
        process = self.start("wrap", *(command or ["cat"]))
        self.eventually("the socket is there", lambda: os.path.exists(self.file("notify.sock")))
        return process

    def say(self, *messages):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            for message in messages:
                sender.sendto(message, self.file("notify.sock"))

    def is_followed_by(self, waiter):
        _, _, facts = read_host(self.read("host"))
        return facts["PID"] == str(waiter.pid) and "RUN_ID" in facts and "LEFT" not in facts

    def records(self):
        return list(read_records(self.read("journal")))

    def test_the_documented_checksum_matches(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)

    def test_the_documented_journal_matches(self):
        before = time.time_ns() // 1000
        process = self.start_wrap()
        messages = [b"STATUS=one", b"READY=1\nX_ODD=12345", b"X_BYTES=\xff\\\x1b"]
        self.say(*messages)
        self.eventually("all is there", lambda: len(self.records()) == 3)
        header = read_header(self.read("journal"))
        self.assertEqual((header["pid"], header["uid"]), (process.pid, os.geteuid()))
        self.assertEqual(header["namespace"], os.stat("/proc/self/ns/pid").st_ino)
        self.assertLessEqual(before, header["began"])
        records = self.records()
        self.assertEqual([record["payload"] for record in records], messages)
        self.assertEqual([record["sequence"] for record in records], [1, 2, 3])
        for record in records:
            self.assertEqual(
                [record[key] for key in ("type", "fds", "pid", "uid", "gid")],
                [DATAGRAM, 0, os.getpid(), os.geteuid(), os.getegid()],
            )
            self.assertLessEqual(header["began"], record["realtime"])
            self.assertLess(abs(time.monotonic_ns() // 1000 - record["monotonic"]), 60_000_000)

    def test_the_documented_lock_shows_the_end(self):
        for command, wanted in (("exit 3", b"EXITED=3"), ("kill -9 $$", b"KILLED=9")):
            process = self.start_wrap("sh", "-c", f"read line; {command}")
            process.stdin.close()
            self.assertEqual(process.wait(PATIENCE), 3 if wanted == b"EXITED=3" else 137)
            self.assertFalse(is_locked(self.file("journal")))
            self.assertEqual((self.records()[-1]["type"], self.records()[-1]["payload"]), (END, wanted))
            self.assertIn(wanted.decode(), self.read("container-status").decode().splitlines())
            self.assertFalse(os.path.exists(self.file("notify.sock")))

    def test_the_documented_lock_shows_a_live_run(self):
        process = self.start_wrap()
        self.assertTrue(is_locked(self.file("journal")))
        process.kill()
        process.wait(PATIENCE)
        # The command may still be starting. It inherits the journal's descriptor, and closes it
        # when it is executed.
        self.eventually("the lock is gone", lambda: not is_locked(self.file("journal")))

    def test_the_documented_host_file_matches(self):
        process = self.start_wrap()
        waiter = self.start(
            "wait", NOTIFY_SOCKET=self.manager_path, INVOCATION_ID="of\\this", WATCHDOG_USEC="5000000"
        )
        self.eventually(
            "wait is attached",
            lambda: os.path.exists(self.file("host")) and b"RUN_ID" in self.read("host"),
        )
        self.say(b"READY=1")
        self.assertEqual(self.manager.recv(4096), b"READY=1")
        self.say(b"STATUS=two", b"NOTIFYACCESS=all")
        self.eventually("all is acknowledged", lambda: read_host(self.read("host"))[0] == 3)
        _, _, facts = read_host(self.read("host"))
        self.assertEqual(facts["PID"], str(waiter.pid))
        self.assertEqual(facts["RUN_ID"], read_header(self.read("journal"))["run"])
        self.assertEqual(facts["INVOCATION"], "of\\\\this")
        self.assertEqual((facts["WATCHDOG_USEC"], facts["LIVENESS"]), ("5000000", "lock"))
        self.assertIn(facts["DELIVERY"], ("inotify", "polling"))
        self.assertTrue(is_locked(self.file("host")))
        waiter.terminate()
        waiter.wait(PATIENCE)
        # The run continues, so its file stays.
        self.assertFalse(is_locked(self.file("host")))
        _, _, left = read_host(self.read("host"))
        self.assertEqual((left["RUN_ID"], left["LEFT"]), (facts["RUN_ID"], "yes"))
        waiter = self.start("wait", NOTIFY_SOCKET=self.manager_path)
        self.eventually("the next one is attached", lambda: self.is_followed_by(waiter))
        process.stdin.close()
        self.assertEqual(waiter.wait(PATIENCE), 0)
        self.assertFalse(os.path.exists(self.file("host")))

    def test_the_documented_barrier_works(self):
        self.start_wrap()
        self.start("wait", NOTIFY_SOCKET=self.manager_path)
        self.eventually("wait is there", lambda: os.path.exists(self.file("host")))
        read_end, write_end = os.pipe()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(self.file("notify.sock"))
            socket.send_fds(sender, [b"BARRIER=1"], [write_end])
        os.close(write_end)
        # Close the descriptor of the barrier that `wait` has sent, as systemd would do.
        message, fds, _, _ = socket.recv_fds(self.manager, 4096, 1)
        self.assertEqual(message, b"BARRIER=1")
        os.close(fds[0])
        self.assertEqual(os.read(read_end, 1), b"")
        os.close(read_end)
        record = self.records()[0]
        self.assertEqual((record["type"], record["payload"]), (BARRIER, b""))
        self.assertEqual(read_host(self.read("host"))[:2], (1, 1))

    def test_the_documented_rotation_matches(self):
        self.start_wrap()
        header = read_header(self.read("journal"))
        self.say(b"READY=1\nSTATUS=first")
        text = b"X_LONG=" + b"x" * 4000
        for _ in range(400):
            self.say(text)
        self.eventually(
            "the burst is over", lambda: [r["type"] for r in self.records()] == [STATE]
        )
        self.say(b"STATUS=last\t\x1b")
        self.eventually(
            "the status says all", lambda: b"MESSAGES=402" in self.read("container-status")
        )
        self.assertEqual(read_header(self.read("journal")), header)
        records = self.records()
        self.assertEqual([record["type"] for record in records].index(STATE), 0)
        self.assertEqual([record["type"] for record in records].count(STATE), 1)
        self.assertEqual([records[0][key] for key in ("pid", "uid", "gid", "fds")], [0, 0, 0, 0])
        state = read_lines(records[0]["payload"])
        self.assertEqual((state["STATE"], state["READY"], state["STATUS"]), ("ready", "1", "first"))
        self.assertEqual(records[-1]["sequence"], 402)
        self.assertIn("STATUS=last\\t\\x1b", self.read("container-status").decode().splitlines())

    def test_the_documented_container_status_matches(self):
        # If the command itself sends STOPPING=1, `wrap` accepts it at once.
        stop = (
            "import os, socket, sys; sys.stdin.readline();"
            "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"
            ".sendto(b'STOPPING=1', os.environ['NOTIFY_SOCKET']); sys.stdin.read()"
        )
        process = self.start_wrap(sys.executable, "-c", stop)
        self.say(b"x" * 5000, b"WATCHDOG=1\nSTATUS=on\nERRNO=5", b"READY=1")
        process.stdin.write(b"\n")
        process.stdin.flush()
        self.eventually(
            "the status says all", lambda: b"MESSAGES=3" in self.read("container-status")
        )
        facts = read_lines(self.read("container-status"))
        self.assertEqual((facts["STATE"], facts["STOPPING"]), ("stopping", "1"))
        self.assertEqual((facts["STATUS"], facts["ERRNO"]), ("on", "5"))
        self.assertNotIn("READY", facts)
        self.assertGreaterEqual(
            int(facts["WATCHDOG_LAST_USEC"]), int(facts["STARTED_USEC"])
        )
        self.assertEqual(facts["PID"], str(process.pid))
        self.assertEqual(facts["COMMAND"], f"{sys.executable} -c {stop}")
        self.assertEqual(facts["DROPPED_TOO_LONG"], "1")
        self.assertEqual(facts["RUN_ID"], read_header(self.read("journal"))["run"])

    def test_the_documented_token_matches(self):
        waiter = self.start("wait", "sh", "-c", 'echo "$NOTIFYBRIDGE_TOKEN" >"$SHARED_DIR/told"; cat')
        self.eventually("the command runs", lambda: os.path.exists(self.file("told")))
        self.eventually("it has told its token", lambda: self.read("told"))
        self.assertEqual(self.read("token"), self.read("told"))
        self.assertRegex(self.read("token"), rb"\A[0-9a-f]{32}\n\Z")
        self.assertEqual(os.stat(self.file("token")).st_mode & 0o777, 0o600)
        self.assertTrue(is_locked(self.file("token")))
        waiter.stdin.close()
        waiter.wait(PATIENCE)
        self.assertFalse(os.path.exists(self.file("token")))

    def test_the_documented_modes_match(self):
        self.start_wrap()
        self.start("wait")
        self.eventually("wait is there", lambda: os.path.exists(self.file("host")))
        for name in ("journal", "host", "container-status"):
            self.assertEqual(os.stat(self.file(name)).st_mode & 0o777, 0o644, name)


if sys.byteorder != "little":
    documented.skip("the executable is for little-endian machines")
documented.main()
