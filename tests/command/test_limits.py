#!/usr/bin/python3
"""With any limit, the bridge works or reports why it does not. It never hangs or crashes."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import unittest

import bridge
import stream  # pylint: disable=unused-import # It makes shared_dir importable.
from shared_dir import read_host

UNLIMITED = ("--nofile=1024", "--as=unlimited", "--fsize=unlimited")
# This app uses a barrier to confirm that the service manager has read its message.
APP = ["sh", "-c", 'systemd-notify "READY=1" && exit 3']
COUNT = 300


INSTRUMENTED = os.environ.get("NOTIFYBRIDGE_FIGURES") == "no"
OF_ITS_OWN = "what instruments a program needs memory and descriptors of its own"


class Limits(bridge.Case):
    def setUp(self):
        super().setUp()
        for tool in ("prlimit", "unshare"):
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))

    def start_limited(self, which, limit, receiver, app, **env):
        """Starts `wait … wrap … app` with the soft LIMIT for only `wait` or only `wrap`."""
        words = self.command(bridge.WRAP, *self.command("prlimit", *UNLIMITED, *app))
        if which == bridge.WRAP:
            words = self.command("prlimit", limit, *words)
            words = self.command(bridge.WAIT, *words)
        else:
            words = self.command(bridge.WAIT, *self.command("prlimit", *UNLIMITED, *words))
            words = self.command("prlimit", limit, *words)
        path = f"{self.bin}:{os.environ['PATH']}"
        return self.start(
            os.path.basename(words[0]), *words[1:], NOTIFY_SOCKET=receiver.path, PATH=path, **env
        )

    def works_or_says_why(self, which, limit):
        """Returns whether the bridge works with that soft limit. If not, checks that it reports
        why."""
        self.renew_shared_directory()
        receiver = self.receiver()
        process = self.start_limited(which, limit, receiver, APP)
        status = process.wait()
        if status == 3:
            self.assertEqual(receiver.messages, [b"READY=1"])
            return True
        self.assertIn(status, (125, 126), f"{which} {limit}: {process.err}")
        self.assertRegex(process.err, "open|memory|file", f"{which} {limit}")
        self.assertEqual(receiver.messages, [])
        return False

    def walk(self, option, values):
        """Raises a limit from zero until the bridge has worked three times in a row."""
        for which in (bridge.WAIT, bridge.WRAP):
            with self.subTest(which):
                worked = 0
                for value in values:
                    works = self.works_or_says_why(which, f"--{option}={value}:")
                    self.assertFalse(worked and not works, f"more is less: {value}")
                    worked += works
                    if worked == 3:
                        break
                self.assertEqual(worked, 3)

    @unittest.skipIf(INSTRUMENTED, OF_ITS_OWN)
    def test_a_limit_of_open_files_suffices_or_is_explained(self):
        self.walk("nofile", range(3, 64))

    @unittest.skipIf(INSTRUMENTED, OF_ITS_OWN)
    def test_members_need_their_own_open_files(self):
        # Each member needs some descriptors. If there are too few, `wait` reports this before a
        # member starts.
        members = [f"m{number}" for number in range(10)]
        options = [f"--member={name}" for name in members]
        one = f'SHARED_DIR={self.shared}/"$name" {self.bin}/{bridge.WRAP} systemd-notify READY=1'
        script = f"for name in {' '.join(members)}; do {one} & done; wait"
        words = self.command("prlimit", *UNLIMITED, "sh", "-c", script)
        path = f"{self.bin}:{os.environ['PATH']}"
        worked = 0
        for limit in range(32, 128, 8):
            words_of_wait = self.command(bridge.WAIT, *options, *words)
            receiver = self.receiver()
            process = self.start(
                "prlimit", f"--nofile={limit}:", *words_of_wait, NOTIFY_SOCKET=receiver.path, PATH=path
            )
            status = process.wait()
            self.assertIn(status, (0, 125), process.err)
            self.assertEqual(b"READY=1" in receiver.lines(), status == 0, process.err)
            if status == 125:
                self.assertIn(f"the limit of open files is {limit}", process.err)
                self.assertEqual(worked, 0)
            worked += status == 0
        self.assertGreater(worked, 2)

    @unittest.skipIf(INSTRUMENTED, OF_ITS_OWN)
    def test_a_too_small_stack_is_reported(self):
        # Below 16 KiB, the C library may end the process before main.
        for size in range(16, 128, 16):
            for name in ("wrap", "wait", "run", "runtime", "send", "status", "init", "ctl"):
                with self.subTest(name, size=size):
                    words = ["prlimit", f"--stack={size * 1024}:", *self.command("notifybridge", name)]
                    result = subprocess.run(
                        [*words, "--version"], capture_output=True, text=True, check=False
                    )
                    self.assertEqual((result.returncode, result.stdout), (125, ""))
                    self.assertRegex(result.stderr, "^notifybridge: the stack .* LimitSTACK=.*\n$")
        self.assertTrue(self.works_or_says_why(bridge.WAIT, "--stack=131072:"))
        self.assertTrue(self.works_or_says_why(bridge.WRAP, "--stack=131072:"))

    @unittest.skipIf(INSTRUMENTED, OF_ITS_OWN)
    def test_a_data_limit_suffices_or_is_reported(self):
        # Below this size, the kernel or the C library ends the process before main, as with --as.
        size = 512 * 1024
        self.walk("data", range(size, 16 * size, 64 * 1024))

    @unittest.skipIf(INSTRUMENTED, OF_ITS_OWN)
    def test_a_memory_limit_suffices_or_is_reported(self):
        # Below this size, the kernel or the C library ends the process before main.
        step = 64 * 1024
        size = step
        command = self.command("notifybridge", "--version")
        while subprocess.run(
            ["prlimit", f"--as={size}:", *command], capture_output=True, check=False
        ).returncode:
            size += step
        self.walk("as", range(size, 16 * size, step))

    @unittest.skipIf(INSTRUMENTED, OF_ITS_OWN)
    def test_limited_memory_suffices_for_any_backlog(self):
        receiver = self.receiver()
        reading, writing = os.pipe()
        code = """
        filling = b"\\nX_FILL=" + b"x" * 400
        print("begun", flush=True)
        with connect() as sender:
            for number in range(60000):
                if number == 40000:
                    print("backlog", flush=True)
                    sys.stdin.readline()
                sender.send(b"X_NUMBER=%d" % number + filling)
        """
        process = self.start_limited(
            bridge.WRAP,
            f"--as={8 * 1024 * 1024}:",
            receiver,
            bridge.app("if True:" + code),
            stdin=reading,
        )
        os.close(reading)
        bridge.eventually("the app has begun", lambda: "begun" in process.out)
        process.signal(signal.SIGSTOP)
        bridge.eventually("there is a backlog", lambda: "backlog" in process.out)
        process.signal(signal.SIGCONT)
        os.write(writing, b"go on\n")
        os.close(writing)
        self.assertEqual(process.wait(), 0, process.err)
        numbers = [int(message.split(b"\n")[0][9:]) for message in receiver.messages]
        self.assertEqual(len(numbers), 60000)
        self.assertEqual(numbers, sorted(numbers))

    @unittest.skipIf(INSTRUMENTED, "what counts coverage writes files of its own")
    def test_a_file_size_limit_loses_no_message(self):
        code = f"""
        for number in range({COUNT}):
            notify("X_NUMBER=%d\\nX_FILL=%s" % (number, "x" * 100))
        barrier()
        sys.exit(3)
        """
        wanted = [b"X_NUMBER=%d\nX_FILL=%s" % (number, b"x" * 100) for number in range(COUNT)]
        for which in (bridge.WAIT, bridge.WRAP):
            for size in (100, 4096, 20000):
                with self.subTest(f"{which} {size}"):
                    self.renew_shared_directory()
                    receiver = self.receiver()
                    process = self.start_limited(
                        which, f"--fsize={size}:", receiver, bridge.app("if True:" + code)
                    )
                    if process.wait() != 3:
                        self.assertEqual(process.wait(), 125, process.err)
                        self.assertIn("File too large", process.err)
                        self.assertLess(size, 4096)
                        wanted_now = []
                    else:
                        wanted_now = wanted
                    self.assertEqual(receiver.messages == wanted_now, True, process.err)

    # This app sends more barriers than `wrap` may have open files. It prints how many returned too
    # early.
    BARRIERS = """if True:
        import select, threading
        resource = __import__("resource")
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
        passed = []
        def send_all():
            for _ in range(200):
                ours, theirs = os.pipe()
                passed.append(ours)
                notify("BARRIER=1", [theirs])
                os.close(theirs)
        notify("READY=1")
        sys.stdin.readline()
        sender = threading.Thread(target=send_all)
        sender.start()
        poll = select.poll()
        # No barrier may return. A lost barrier would return as soon as it was sent.
        sender.join(1)
        for fd in passed:
            poll.register(fd, 0)
        print("early:", len(poll.poll(0)), flush=True)
        sender.join()
        for fd in passed:
            os.read(fd, 1)
        print("all", flush=True)
        """

    def test_more_barriers_than_open_files_lose_none(self):
        receiver = self.receiver()
        reading, writing = os.pipe()
        process = self.start_limited(
            bridge.WRAP, "--nofile=64:", receiver, bridge.app(self.BARRIERS), stdin=reading
        )
        os.close(reading)
        receiver.wait_for(b"READY=1")
        process.signal(signal.SIGSTOP)
        os.write(writing, b"go on\n")
        os.close(writing)
        bridge.eventually("the app has looked", lambda: "early" in process.out)
        process.signal(signal.SIGCONT)
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(process.out, "early: 0\nall\n")
        self.assertNotIn("lost", process.err)

    def test_many_barriers_work_without_a_shared_directory(self):
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(self.path("manager"))
        manager.setblocking(False)
        reading, writing = os.pipe()
        process = self.start(
            "prlimit",
            "--nofile=64:",
            *self.command(bridge.WRAP, *bridge.app(self.BARRIERS)),
            NOTIFY_SOCKET=self.path("manager"),
            SHARED_DIR=None,
            stdin=reading,
        )
        os.close(reading)
        os.write(writing, b"go on\n")
        os.close(writing)
        # The manager reads nothing until the app has looked for early barriers.
        bridge.eventually("the app has looked", lambda: "early" in process.out)

        def reads_to_the_end():
            with contextlib.suppress(BlockingIOError):
                while True:
                    for fd in socket.recv_fds(manager, 4096, 1)[1]:
                        os.close(fd)
            return not process.is_running()

        bridge.eventually("the end", reads_to_the_end)
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(process.out, "early: 0\nall\n")
        self.assertNotIn("lost", process.err)

    def test_messages_arrive_without_inotify(self):
        code = """
        with connect() as sender:
            for number in range(300):
                sender.send(b"X_NUMBER=%d" % number)
        barrier()
        sys.exit(3)
        """
        wanted = [b"X_NUMBER=%d" % number for number in range(300)]
        for limit, most in (("instances", 2), ("watches", 4)):
            for value in range(most):
                with self.subTest(f"{value} {limit}"):
                    self.renew_shared_directory()
                    receiver = self.receiver()
                    process = self.start_with_inotify_limit(
                        limit,
                        value,
                        bridge.WAIT,
                        *self.command(bridge.WRAP, *bridge.app("if True:" + code)),
                        NOTIFY_SOCKET=receiver.path,
                    )
                    self.assertEqual(process.wait(), 3, process.err)
                    self.assertEqual(receiver.messages, wanted)

    def test_missing_inotify_is_reported_for_an_older_run(self):
        self.start(bridge.WRAP, *bridge.IDLE)
        journal = os.path.join(self.shared, "journal")
        bridge.eventually("the run is there", lambda: os.path.exists(journal))
        waiting = self.start_with_inotify_limit("instances", 0, bridge.WAIT, "--keep")

        def host():
            try:
                with open(os.path.join(self.shared, "host"), "rb") as file:
                    return read_host(file.read())[2]
            except FileNotFoundError:
                return {}

        bridge.eventually(
            f"wait has found it: {waiting.err}",
            lambda: "RUN_ID" in host() or not waiting.is_running(),
        )
        self.assertEqual(host()["DELIVERY"], "polling")

    def start_with_inotify_limit(self, limit, value, name, *words, **env):
        """Starts the command with this name while at most VALUE of these inotify objects exist."""
        may_make_users = subprocess.run(
            ["unshare", "--user", "--map-root-user", "true"], capture_output=True, check=False
        )
        if may_make_users.returncode:
            self.skipTest("cannot create a user namespace to limit inotify")
        set_limit = f'echo {value} >/proc/sys/user/max_inotify_{limit} && exec "$@"'
        return self.start(
            "unshare",
            *("--user", "--map-root-user", "sh", "-c", set_limit, "sh"),
            *self.command(name, *words),
            **env,
        )


for needed in ("prlimit", "unshare"):
    if not shutil.which(needed):
        print(f"skipped: {needed} is not here")
        sys.exit(bridge.SKIPPED)
bridge.main()
