#!/usr/bin/python3
"""Tests a FUSE mount that transfers neither events nor locks, and not all writes at once. The
bridge must use polling and beats."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import bridge

SECONDS = 5

SPEAK = """
def speak(numbers):
    for number in numbers:
        notify("X_NUMBER=%%d" %% number)
    barrier()

notify("READY=1")
barrier()
half = %d
speak(range(half))
up()
time.sleep(%f)
speak(range(half, 2 * half))
sys.exit(3)
"""


class Fuse(bridge.Case):
    def mount(self):
        """Creates a new shared directory, and returns the path of its FUSE mount."""
        self.renew_shared_directory()
        over = self.shared + "-over"
        os.mkdir(over)
        done = subprocess.run(
            ["bindfs", self.shared, over], capture_output=True, text=True, check=False
        )
        if done.returncode:
            self.skipTest(f"bindfs: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "--lazy", over], check=False)
        return over

    def start_over_fuse(self, wait_is_over, wrap_is_over, code, with_command=True):
        over = self.mount()
        side = {False: self.shared, True: over}
        receiver = self.receiver()
        wrap_words = (f"--shared-dir={side[wrap_is_over]}", *bridge.app(code))
        env = {"NOTIFY_SOCKET": receiver.path, "SHARED_DIR": side[wait_is_over]}
        if with_command:
            process = self.start(bridge.WAIT, *self.command(bridge.WRAP, *wrap_words), **env)
            return process, None, receiver
        process = self.start(bridge.WAIT, **env)
        host = os.path.join(self.shared, "host")
        bridge.eventually("wait is there", lambda: os.path.exists(host))
        return process, self.start(bridge.WRAP, *wrap_words), receiver

    def assert_delivered(self, process, receiver, count):
        self.assertEqual(process.wait(), 3, process.err)
        wanted = [b"READY=1"] + [b"X_NUMBER=%d" % number for number in range(count)]
        self.assertEqual(receiver.messages, wanted)
        self.assertEqual(process.err, "")

    def test_messages_arrive_with_a_fuse_mount_on_either_side(self):
        # Before the second half, all cached data becomes old and is read again.
        code = SPEAK % (50, 1.2)
        for sides in ((True, True), (False, True), (True, False)):
            with self.subTest(wait_is_over=sides[0], wrap_is_over=sides[1]):
                process, _, receiver = self.start_over_fuse(*sides, code)
                bridge.eventually("the app speaks", lambda process=process: process.out)
                with open(os.path.join(self.shared, "host"), "rb") as file:
                    host = file.read().split(b"\n")
                self.assertIn(b"DELIVERY=polling", host)
                self.assertIn(b"LIVENESS=beat", host)
                self.assert_delivered(process, receiver, 100)

    def test_a_side_stopped_for_some_seconds_is_not_dead(self):
        code = SPEAK % (20, SECONDS + 1)
        started = [
            self.start_over_fuse(True, True, code, with_command=False) for _ in range(3)
        ]
        for _, wrap, _ in started:
            bridge.eventually("the app speaks", lambda wrap=wrap: wrap.out)
        stopped = []
        for (wait, wrap, _), sides in zip(started, ("wrap", "wait", "both")):
            stopped += [wrap] if sides != "wait" else []
            stopped += [wait] if sides != "wrap" else []
        for process in stopped:
            process.signal(signal.SIGSTOP)
        time.sleep(SECONDS)
        # `wait` continues first. It must not treat the silence as the end of the run.
        for process in reversed(stopped):
            process.signal(signal.SIGCONT)
        for wait, _, receiver in started:
            self.assert_delivered(wait, receiver, 40)

    def test_a_run_is_kept_while_wait_reads_an_earlier_run(self):
        over = self.mount()
        path = self.path("manager")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(bridge.PATIENCE)
            wait = self.start(bridge.WAIT, "--keep", NOTIFY_SOCKET=path)
            host = os.path.join(self.shared, "host")
            bridge.eventually("wait is there", lambda: os.path.exists(host))
            # More messages than the manager's socket holds, and enough for a rotation.
            counts = {"FIRST": 1000, "SECOND": 1200}
            for name, pause in (("FIRST", 0), ("SECOND", SECONDS + 1)):
                code = f"""
                time.sleep({pause})
                with connect() as sender:
                    for number in range({counts[name]}):
                        sender.send(b"X_{name}=%d\\nX_FILL=" % number + b"x" * 4000)
                up()
                stay()
                """
                wrap = self.start(bridge.WRAP, *bridge.app("if True:" + code), SHARED_DIR=over)
                bridge.eventually("the app has said all", lambda wrap=wrap: wrap.out)
                if name == "FIRST":
                    wrap.signal(signal.SIGTERM)
                    wrap.wait()
            for name, count in counts.items():
                for number in range(count):
                    line = manager.recv(65536).split(b"\n")[0]
                    self.assertEqual(line, f"X_{name}={number}".encode(), wait.err)


if os.geteuid() != 0 or not shutil.which("bindfs"):
    print("skipped: this takes bindfs, and root to mount with it")
    sys.exit(bridge.SKIPPED)
bridge.main()
