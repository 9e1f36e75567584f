#!/usr/bin/python3
"""File descriptors are forwarded both ways: to systemd's store, and back to the app."""

import glob
import os
import signal
import socket
import sys

import bridge
from activated import ACTIVATE
from journal import host

# This app prints the descriptors that it has at its start.
SHOW = """
names = os.environ.get("LISTEN_FDNAMES")
count = int(os.environ.get("LISTEN_FDS", "0"))
mine = os.environ.get("LISTEN_PID") == str(os.getpid())
print(count, names, mine, *(os.fstat(3 + n).st_ino for n in range(count)), flush=True)
"""


def inode(fd):
    return os.fstat(fd).st_ino


class Descriptors(bridge.Case):
    def pipe(self):
        ends = os.pipe()
        for end in ends:
            self.addCleanup(os.close, end)
        return ends[0]

    def start_activated(self, fds, names, code, receiver, **env):
        """Starts `wait … wrap … app` with these descriptors, as systemd passes them."""
        words = self.command(
            bridge.WAIT, *self.command(bridge.WRAP, *bridge.app(code))
        )
        process = bridge.Process(
            self.dir,
            [sys.executable, "-c", ACTIVATE, ",".join(map(str, fds)), *words],
            self.environment(NOTIFY_SOCKET=receiver.path, LISTEN_FDNAMES=names, **env),
            start_new_session=True,
            pass_fds=fds,
        )
        self.addCleanup(process.end)
        return process

    def test_a_probe_of_a_socket_of_systemd_is_refused(self):
        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)
        port = listening.getsockname()[1]
        wrap = [bridge.WRAP, f"--ready-when=tcp:127.0.0.1:{port}"]
        said = f"--ready-when=tcp:127.0.0.1:{port}: the service manager itself listens"
        for words, directory in (
            (self.command(*wrap, "touch", self.path("started")), None),
            (self.command(bridge.WAIT, *self.command(*wrap, "touch", self.path("started"))), 1),
        ):
            with self.subTest(directory=directory):
                more = {} if directory else {"SHARED_DIR": None, "RUNTIME_DIRECTORY": self.dir}
                receiver = self.receiver()
                process = bridge.Process(
                    self.dir,
                    [sys.executable, "-c", ACTIVATE, str(listening.fileno()), *words],
                    self.environment(NOTIFY_SOCKET=receiver.path, **more),
                    start_new_session=True,
                    pass_fds=[listening.fileno()],
                )
                self.addCleanup(process.end)
                self.assertEqual(process.wait(), 125, process.err)
                self.assertIn(said, process.err)
                self.assertIn("give http://", process.err)
                self.assertFalse(os.path.exists(self.path("started")))

    def lanes(self):
        return glob.glob(self.path(self.shared, "lane.*"))

    def test_stored_descriptors_reach_systemd_in_order(self):
        receiver = self.receiver(keeps_fds=True)
        code = """
import tempfile
notify("STATUS=before")
for number in range(20):
    with tempfile.TemporaryFile() as file:
        print(os.fstat(file.fileno()).st_ino, flush=True)
        notify(f"FDSTORE=1\\nFDNAME=file-{number}", [file.fileno()])
        notify(f"STATUS={number}")
barrier()
notify("READY=1")
stay()
"""
        process = self.start_app(receiver, code)
        receiver.wait_for(b"READY=1")
        wanted = [b"STATUS=before"]
        for number in range(20):
            wanted += [b"FDSTORE=1\nFDNAME=file-%d" % number, b"STATUS=%d" % number]
        self.assertEqual(receiver.messages, wanted + [b"READY=1"])
        self.assertEqual([inode(fd) for _, fd in receiver.stored], list(map(int, process.out.split())))
        process.signal(signal.SIGTERM)
        process.wait()
        self.assertEqual(self.lanes(), [])

    def test_many_descriptors_arrive_in_one_message(self):
        receiver = self.receiver(keeps_fds=True)
        code = """
fds = [os.dup(1) for _ in range(200)]
notify("FDSTORE=1\\nFDNAME=many", fds)
notify("READY=1", fds)
stay()
"""
        self.start_app(receiver, code)
        receiver.wait_for(b"READY=1")
        self.assertEqual(len(receiver.stored), 200)

    # More descriptors than `wrap` keeps at once, sent faster than `wait` fetches them.
    FLOOD = """
for number in range(400):
    notify(f"FDSTORE=1\\nFDNAME=one-{number}", [1])
for number in range(4):
    notify(f"FDSTORE=1\\nFDNAME=many-{number}", [1] * 100)
"""

    def assert_all_of_the_flood_is_in(self, receiver):
        wanted = [b"FDSTORE=1\nFDNAME=one-%d" % number for number in range(400)]
        for number in range(4):
            wanted += [b"FDSTORE=1\nFDNAME=many-%d" % number] * 100
        self.assertEqual([text for text, _ in receiver.stored], wanted)

    def test_a_flood_of_descriptors_is_delayed_but_not_lost(self):
        receiver = self.receiver(keeps_fds=True)
        self.start_app(receiver, self.FLOOD + "barrier(); notify('READY=1'); stay()")
        receiver.wait_for(b"READY=1")
        self.assert_all_of_the_flood_is_in(receiver)

    def test_descriptors_arrive_if_the_app_exits_at_once(self):
        receiver = self.receiver(keeps_fds=True)
        process = self.start_app(receiver, self.FLOOD)
        self.assertEqual(process.wait(), 0, process.err)
        self.assert_all_of_the_flood_is_in(receiver)

    def test_descriptors_without_a_key_are_closed_and_counted(self):
        receiver = self.receiver(keeps_fds=True)
        self.start_app(receiver, "notify('STATUS=a', [1]); notify('READY=1'); stay()")
        receiver.wait_for(b"READY=1")
        self.assertEqual(receiver.stored, [])
        bridge.eventually(
            "it is counted",
            lambda: "unsent-fds" in self.run_to_end("notifybridge", "status", self.shared)[1],
        )

    def test_the_app_gets_systemds_descriptors_with_their_names(self):
        fds = [self.pipe(), self.pipe(), self.pipe()]
        receiver = self.receiver()
        process = self.start_activated(
            fds, "http:stored:http", SHOW + "notify('READY=1'); stay()", receiver
        )
        receiver.wait_for(b"READY=1")
        count, names, mine, *inodes = process.out.split()
        self.assertEqual((count, names, mine), ("3", "http:stored:http", "True"))
        self.assertEqual([int(number) for number in inodes], [inode(fd) for fd in fds])

    def test_each_run_gets_the_descriptors_again(self):
        fd = self.pipe()
        receiver = self.receiver()
        wrapped = " ".join(f"'{word}'" for word in self.command(bridge.WRAP))
        script = self.path("app.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(bridge.app(SHOW + "notify('X_RUN=1')")[2])
        process = bridge.Process(
            self.dir,
            [
                sys.executable, "-c", ACTIVATE, str(fd),
                *self.command(bridge.WAIT, "sh", "-c",
                              f"for run in 1 2 3; do {wrapped} '{sys.executable}' '{script}'; done"),
            ],
            self.environment(NOTIFY_SOCKET=receiver.path, LISTEN_FDNAMES="x"),
            start_new_session=True,
            pass_fds=[fd],
        )
        self.addCleanup(process.end)
        self.assertEqual(process.wait(), 0, process.err)
        self.assertEqual(process.out.splitlines(), [f"1 x True {inode(fd)}"] * 3)
        self.assertEqual(self.lanes(), [])

    def test_the_runtime_inherits_no_descriptors(self):
        receiver = self.receiver()
        fd = self.pipe()
        words = self.command(
            bridge.WAIT, sys.executable, "-c", "import os; print(sorted(os.listdir('/proc/self/fd')))"
        )
        process = bridge.Process(
            self.dir,
            [sys.executable, "-c", ACTIVATE, str(fd), *words],
            self.environment(NOTIFY_SOCKET=receiver.path),
            start_new_session=True,
            pass_fds=[fd],
        )
        self.addCleanup(process.end)
        self.assertEqual(process.wait(), 0)
        # The last number is the descriptor for the directory that is listed.
        self.assertEqual(process.out, "['0', '1', '2', '3']\n")

    def test_a_stop_ends_a_wrap_that_waits_for_descriptors(self):
        # This `wait` announces descriptors, but never passes them, because it is stopped.
        receiver = self.receiver()
        fd = self.pipe()
        waiter = bridge.Process(
            self.dir,
            [sys.executable, "-c", ACTIVATE, str(fd), *self.command(bridge.WAIT)],
            self.environment(NOTIFY_SOCKET=receiver.path),
            start_new_session=True,
            pass_fds=[fd],
        )
        self.addCleanup(waiter.end)
        bridge.eventually("wait is there", lambda: os.path.exists(self.path(self.shared, "host")))
        waiter.signal(signal.SIGSTOP)
        wrap = self.start(bridge.WRAP, *bridge.app("print('started', flush=True); stay()"))
        bridge.eventually("wrap has its lane", self.lanes)
        bridge.eventually(
            "wrap listens", lambda: os.path.exists(self.path(self.shared, "notify.sock"))
        )
        wrap.signal(signal.SIGTERM)
        self.assertEqual(wrap.wait(), -signal.SIGTERM)
        self.assertEqual(wrap.out, "")
        waiter.signal(signal.SIGCONT)

    def test_a_stop_by_the_host_ends_a_waiting_wrap(self):
        for asked, status in (
            (b"SIGNALS=1:15\n", -signal.SIGTERM),
            (b"SIGNALS=1:1 2:15\n", 128 + signal.SIGHUP),
            (b"SIGNALS=1:9\n", 128 + signal.SIGKILL),
        ):
            with self.subTest(asked):
                self.renew_shared_directory()
                receiver = self.receiver()
                waiter = self.start_activated_alone(receiver)
                waiter.signal(signal.SIGSTOP)
                wrap = self.start(bridge.WRAP, *bridge.app("print('started', flush=True); stay()"))
                bridge.eventually("wrap has its lane", self.lanes)
                bridge.eventually(
                    "wrap listens", lambda: os.path.exists(self.path(self.shared, "notify.sock"))
                )
                with open(self.path(self.shared, "journal"), "rb") as file:
                    run = file.read(32)[16:].hex().encode()
                with open(self.path(self.shared, "new"), "wb") as file:
                    file.write(host(b"PID=1\nLISTEN_FDS=1\nRUN_ID=%s\n%s" % (run, asked)))
                os.rename(self.path(self.shared, "new"), self.path(self.shared, "host"))
                self.assertEqual(wrap.wait(), status, wrap.err)
                self.assertEqual(wrap.out, "")
                waiter.signal(signal.SIGCONT)

    def start_activated_alone(self, receiver):
        """Starts `wait` without a command, with a descriptor for the app. Returns when it is
        attached."""
        fd = self.pipe()
        waiter = bridge.Process(
            self.dir,
            [sys.executable, "-c", ACTIVATE, str(fd), *self.command(bridge.WAIT)],
            self.environment(NOTIFY_SOCKET=receiver.path),
            start_new_session=True,
            pass_fds=[fd],
        )
        self.addCleanup(waiter.end)
        bridge.eventually("wait is there", lambda: os.path.exists(self.path(self.shared, "host")))
        return waiter

    def test_the_app_starts_if_no_descriptors_arrive(self):
        receiver = self.receiver()
        fd = self.pipe()
        waiter = bridge.Process(
            self.dir,
            [sys.executable, "-c", ACTIVATE, str(fd), *self.command(bridge.WAIT)],
            self.environment(NOTIFY_SOCKET=receiver.path),
            start_new_session=True,
            pass_fds=[fd],
        )
        self.addCleanup(waiter.end)
        bridge.eventually("wait is there", lambda: os.path.exists(self.path(self.shared, "host")))
        waiter.signal(signal.SIGSTOP)
        wrap = self.start(bridge.WRAP, *bridge.app(SHOW + "stay()"))
        bridge.eventually("the app starts without", lambda: "0 None False" in wrap.out)
        self.assertIn("the command starts without them", wrap.err)
        waiter.signal(signal.SIGCONT)

    def test_a_killed_wait_fetches_descriptors_after_its_restart(self):
        receiver = self.receiver(keeps_fds=True)
        env = {"NOTIFY_SOCKET": receiver.path, "INVOCATION_ID": "one"}
        first = self.start(bridge.WAIT, **env)
        bridge.eventually("wait is there", lambda: os.path.exists(self.path(self.shared, "host")))
        code = """
notify("READY=1"); barrier(); up()
sys.stdin.readline()
notify("FDSTORE=1\\nFDNAME=a", [1]); notify("STATUS=after"); up()
stay()
"""
        reading, writing = os.pipe()
        self.addCleanup(os.close, writing)
        wrap = self.start(bridge.WRAP, *bridge.app(code), stdin=reading)
        os.close(reading)
        receiver.wait_for(b"READY=1")
        bridge.eventually("the app is up", lambda: wrap.out.count("up") == 1)
        first.signal(signal.SIGKILL)
        first.wait()
        os.write(writing, b"\n")
        bridge.eventually("the app has said it", lambda: wrap.out.count("up") == 2)
        self.start(bridge.WAIT, **env)
        receiver.wait_for(b"STATUS=after")
        self.assertEqual([text for text, _ in receiver.stored], [b"FDSTORE=1\nFDNAME=a"])
        self.assertEqual(
            receiver.messages, [b"READY=1", b"FDSTORE=1\nFDNAME=a", b"STATUS=after"]
        )

    def test_a_lane_that_links_to_the_host_bus_is_not_used(self):
        receiver = self.receiver(keeps_fds=True)
        bus = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(bus.close)
        bus.bind(self.path("bus"))
        bus.listen()
        bus.setblocking(False)
        waiter = self.start(bridge.WAIT, NOTIFY_SOCKET=receiver.path)
        bridge.eventually("wait is there", lambda: os.path.exists(self.path(self.shared, "host")))
        code = f"""
import glob
notify("READY=1"); barrier(); up(); sys.stdin.readline()
notify("FDSTORE=1", [1])
while not (lane := glob.glob(os.environ["SHARED_DIR"] + "/lane.*")): time.sleep(0.01)
os.unlink(lane[0]); os.symlink({self.path("bus")!r}, lane[0]); up()
notify("STATUS=on"); stay()
"""
        reading, writing = os.pipe()
        self.addCleanup(os.close, writing)
        wrap = self.start(bridge.WRAP, *bridge.app(code), stdin=reading)
        os.close(reading)
        bridge.eventually("the app is up", lambda: wrap.out.count("up") == 1)
        # `wait` connects for the first descriptor. Before that, the lane must become the link.
        waiter.signal(signal.SIGSTOP)
        os.write(writing, b"\n")
        bridge.eventually("the lane is a link", lambda: wrap.out.count("up") == 2)
        waiter.signal(signal.SIGCONT)
        receiver.wait_for(b"STATUS=on")
        self.assertEqual(receiver.stored, [])
        with self.assertRaises(BlockingIOError):
            bus.accept()
        self.assertIn("symbolic link", waiter.err)
        bridge.eventually(
            "status says so",
            lambda: "file descriptors are not passed on: the socket for descriptors is a symbolic link"
            in self.run_to_end("notifybridge", "status", self.shared)[1],
        )


bridge.main()
