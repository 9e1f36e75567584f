#!/usr/bin/python3
"""A process that is stopped for some seconds loses nothing, and no other process has to wait for
it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import bridge

SECONDS = 5
COUNT = 1200

# This app sends numbered messages for longer than any process is stopped.
SPEAK = f"""
with connect() as sender:
    for number in range({COUNT}):
        sender.send(b"X_NUMBER=%d" % number)
        if number == 20:
            up()
        time.sleep(0.01)
barrier()
sys.exit(3)
"""
WANTED = [b"X_NUMBER=%d" % number for number in range(COUNT)]


class Stopped(bridge.Case):
    def pid_of_wrap(self, process):
        """Returns the pid of the `wrap` in that process's session."""
        for pid, session in bridge.sessions():
            if session != process.pid:
                continue
            try:
                with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                    program = file.read().split("\0")[0]
            except (FileNotFoundError, ProcessLookupError):
                continue  # The process has ended in the meantime.
            if program.endswith(bridge.WRAP):
                return pid
        return None

    def test_stopping_either_side_loses_no_message(self):
        started = []
        for which in ("wait", "wrap", "wait and wrap", "wrap and wait"):
            self.renew_shared_directory()
            receiver = self.receiver()
            process = self.start_app(receiver, SPEAK)
            started.append((which, receiver, process))
        stopped = []
        for which, _, process in started:
            bridge.eventually("the app speaks", lambda process=process: process.out)
            pids = {"wait": process.pid, "wrap": self.pid_of_wrap(process)}
            stopped.append([pids[name] for name in which.split(" and ")])
            for pid in stopped[-1]:
                os.kill(pid, signal.SIGSTOP)
        time.sleep(SECONDS)
        for pids in stopped:
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)
        for which, receiver, process in started:
            with self.subTest(which):
                self.assertEqual(process.wait(), 3, process.err)
                # The app never sends READY=1, and there is no other warning.
                self.assertRegex(process.err, r"^.* the command exited with status 3 before .*\n$")
                self.assertEqual(receiver.messages, WANTED)

    def test_a_run_is_kept_while_wait_reads_an_earlier_run(self):
        receiver = self.receiver()
        wait = self.start(bridge.WAIT, "--keep", NOTIFY_SOCKET=receiver.path)
        first = self.start(bridge.WRAP, *bridge.app("notify('X_FIRST=1'); stay()"))
        receiver.wait_for(b"X_FIRST=1")
        wait.signal(signal.SIGSTOP)
        first.signal(signal.SIGTERM)
        first.wait()
        # Enough messages for a rotation. After it, only the state of unread messages is left.
        code = f"""
        time.sleep({SECONDS} + 1)
        with connect() as sender:
            for number in range({COUNT}):
                sender.send(b"X_NUMBER=%d\\nX_FILL=" % number + b"x" * 4000)
        up()
        barrier()
        print("passed", flush=True)
        """
        second = self.start(bridge.WRAP, *bridge.app("if True:" + code))
        bridge.eventually("the app has said all", lambda: "up" in second.out)
        self.assertNotIn("passed", second.out)
        self.assertEqual(receiver.messages, [b"X_FIRST=1"])
        wait.signal(signal.SIGCONT)
        bridge.eventually("the barrier passes", lambda: "passed" in second.out)
        numbers = [message.split(b"\n")[0] for message in receiver.messages[1:]]
        self.assertEqual(numbers, WANTED)
        self.assertEqual(second.wait(), 0, second.err)

    def test_a_kept_run_is_given_up_if_wait_is_gone(self):
        receiver = self.receiver()
        wait = self.start(bridge.WAIT, "--keep", NOTIFY_SOCKET=receiver.path)
        first = self.start(bridge.WRAP, *bridge.app("notify('X_FIRST=1'); stay()"))
        receiver.wait_for(b"X_FIRST=1")
        wait.signal(signal.SIGSTOP)
        first.signal(signal.SIGTERM)
        first.wait()
        code = """
        with connect() as sender:
            for _ in range(20_000):
                sender.send(b"X_FILL=" + b"x" * 4000)
        up()
        stay()
        """
        second = self.start(bridge.WRAP, *bridge.app("if True:" + code))
        bridge.eventually("no more is kept", lambda: "accepting no more until some" in second.err)
        wait.signal(signal.SIGKILL)
        bridge.eventually("it can say all", lambda: "up" in second.out)
        journal = os.path.join(self.shared, "journal")
        bridge.eventually("nothing is kept", lambda: os.path.getsize(journal) < 1024 * 1024)

    def test_a_stopped_app_can_be_ended_by_wait(self):
        flag = self.path("flag")
        # In the client's session, the kernel itself would send SIGHUP and SIGCONT (orphaned group).
        client = f'setsid "$@" & until [ -e {flag} ]; do sleep 0.01; done; exit 3'
        code = """
        def end(*_):
            notify("X_ENDED=1")
            os._exit(5)
        signal.signal(signal.SIGTERM, end)
        print(os.getpid(), flush=True)
        notify("READY=1")
        stay()
        """
        receiver = self.receiver()
        process = self.start(
            bridge.WAIT,
            *("sh", "-c", client, "sh"),
            *self.command(bridge.WRAP, *bridge.app("if True:" + code)),
            NOTIFY_SOCKET=receiver.path,
        )
        receiver.wait_for(b"READY=1")
        os.kill(int(process.out), signal.SIGSTOP)
        open(flag, "x", encoding="utf-8").close()  # The client fails when this file exists.
        self.assertEqual(process.wait(), 3, process.err)
        self.assertEqual(receiver.messages[-1], b"X_ENDED=1")

    def test_a_manager_that_does_not_read_does_not_block_the_app(self):
        path = self.path("notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(bridge.PATIENCE)
            code = """
            with connect() as sender:
                for number in range(5000):
                    sender.send(b"X_NUMBER=%d\\nX_FILL=" % number + b"x" * 1000)
            print("all", flush=True)
            """
            process = self.start(
                bridge.WAIT,
                *self.command(bridge.WRAP, *bridge.app("if True:" + code)),
                NOTIFY_SOCKET=path,
            )
            # The app has sent everything and `wrap` has ended before the manager reads anything.
            bridge.eventually("the app has said all", lambda: process.out)
            bridge.eventually("wrap has ended", lambda: self.pid_of_wrap(process) is None)
            self.assertTrue(process.is_running(), process.err)
            for number in range(5000):
                self.assertEqual(manager.recv(65536).split(b"\n")[0], b"X_NUMBER=%d" % number)
            self.assertEqual(process.wait(), 0, process.err)

    def test_a_container_may_have_another_clock(self):
        if subprocess.run(
            ["unshare", "--time", "--fork", "true"], capture_output=True, check=False
        ).returncode:
            self.skipTest("cannot create a time namespace; run the test as root")
        os.symlink(shutil.which("unshare"), os.path.join(self.bin, "unshare"))
        code = """
        own = time.monotonic_ns() // 1000
        notify("READY=1")
        notify("RELOADING=1")
        notify("RELOADING=1\\nMONOTONIC_USEC=%d" % own)
        barrier()
        sys.exit(3)
        """
        for seconds in (1_000_000, 2):
            with self.subTest(seconds):
                self.renew_shared_directory()
                receiver = self.receiver()
                before = time.monotonic_ns() // 1000
                process = self.start(
                    bridge.WAIT,
                    *self.command("unshare", "--time", f"--monotonic={seconds}", "--fork"),
                    *self.command(bridge.WRAP, *bridge.app("if True:" + code)),
                    NOTIFY_SOCKET=receiver.path,
                )
                self.assertEqual(process.wait(), 3, process.err)
                after = time.monotonic_ns() // 1000
                self.assertEqual(receiver.messages[0], b"READY=1")
                self.assertEqual(len(receiver.messages), 3)
                for message in receiver.messages[1:]:
                    reloading, stamp = message.split(b"\nMONOTONIC_USEC=")
                    self.assertEqual(reloading, b"RELOADING=1")
                    # systemd accepts neither a time before its request nor one in the future.
                    self.assertTrue(before <= int(stamp) <= after, (before, stamp, after))


if not shutil.which("unshare"):
    print("skipped: unshare is not here")
    sys.exit(bridge.SKIPPED)
bridge.main()
