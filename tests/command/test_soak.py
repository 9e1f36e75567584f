#!/usr/bin/python3
"""Tests very many messages, and many bridges for a long time.

No message may be lost or change its place. Memory may not grow, and no descriptor may stay open. A
shared directory may contain only its usual files. NOTIFYBRIDGE_LONG=1 runs the full length.
"""

import collections
import os
import re
import signal
import socket
import time

import bridge
import stream

LONG = bool(os.environ.get("NOTIFYBRIDGE_LONG"))

# The messages of one bridge at full speed.
MESSAGES = 1_000_000 if LONG else 100_000

# The number of bridges at the same time.
PAIRS = 50 if LONG else 8
SECONDS = 600 if LONG else 6
WATCHDOG_USEC = 2_000_000

KIBIBYTE = 1024
# The allowed growth of memory. It covers work in progress, which is a batch of the largest
# messages. It does not cover growth with each message, second or byte of the journal.
MOST_GROWTH = 2048 * KIBIBYTE
# The allowed growth over the smallest value in the first half. It is not zero, because a batch may
# be in progress at any measurement.
MOST_LATE_GROWTH = 200 * KIBIBYTE

# Promises about memory apply to the released executable.
MEASURES_MEMORY = os.environ.get("NOTIFYBRIDGE_FIGURES", "yes") == "yes"

# This app sends as fast as possible. It waits for the barriers after it has sent everything.
FLOOD = """
import socket
count, size = int(sys.argv[1]), int(sys.argv[2])
notify('READY=1')
barrier()
print(os.getppid(), flush=True)
sys.stdin.readline()
barriers = []
with connect() as sender:
    for number in range(count):
        sender.send(b'X_NUMBER=%d\\nX_LONG=' % number + b'x' * size)
        if number % 10000 == 0:
            ours, theirs = os.pipe()
            socket.send_fds(sender, [b'BARRIER=1'], [theirs])
            os.close(theirs)
            barriers.append(ours)
for ours in barriers:
    assert os.read(ours, 1) == b''
    os.close(ours)
barrier()
print('all', flush=True)
stay()
"""


class Watched:
    """A process that is watched. Later, it must not hold more memory or descriptors than now."""

    def __init__(self, name, pid):
        self.name = name
        self.pid = pid
        self.descriptors = self.count_descriptors()
        self.memory = [self.private_memory()]
        with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")  # The value 5 resets the peak.
        self.resident = self.peak()

    def count_descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def private_memory(self):
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
            return int(re.search(r"Private_Dirty: +(\d+) kB", file.read())[1]) * KIBIBYTE

    def look(self):
        self.memory.append(self.private_memory())

    def peak(self):
        """Returns the largest amount of memory that was resident, in bytes."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) * KIBIBYTE


class Soak(bridge.Case):
    def setUp(self):
        super().setUp()
        # Pages of a new executable that are not written back yet would count as memory of the
        # process.
        with open(bridge.EXECUTABLE, "rb") as file:
            os.fsync(file.fileno())
        self.listener = stream.Listener(self.path("notify"))
        self.addCleanup(self.listener.close)

    def end_listening(self):
        """Ends the listener, and returns everything that it received."""
        # All messages that were sent are in the queue now. This message comes after them.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"X_END=1", self.listener.path)
        self.listener.wait_until(
            "the end", lambda heard: heard and heard[-1].payload == b"X_END=1", bridge.PATIENCE
        )
        self.listener.close()
        return self.listener.heard[:-1]

    def assert_steady(self, watched):
        bridge.eventually(
            f"{watched.name} has no more descriptors than before",
            lambda: watched.count_descriptors() <= watched.descriptors,
        )
        if MEASURES_MEMORY:
            self.assertLess(watched.peak() - watched.resident, MOST_GROWTH, watched.name)
            least = min(watched.memory[: len(watched.memory) // 2 + 1])
            bridge.eventually(
                f"{watched.name} comes back to what it had: {watched.memory}",
                lambda: watched.private_memory() - least < MOST_LATE_GROWTH,
            )

    def flood(self, count, size, silence=0):
        """Makes an app send everything at once, while the listener reads nothing for a time."""
        reading, writing = os.pipe()
        waiting = self.start(
            bridge.WAIT,
            "--rate=infinity",
            *self.command(bridge.WRAP, *bridge.app(FLOOD), str(count), str(size)),
            NOTIFY_SOCKET=self.listener.path,
            stdin=reading,
        )
        os.close(reading)
        bridge.eventually("the app is up", lambda: waiting.out.endswith("\n"))
        both = Watched("wait", waiting.pid), Watched("wrap", int(waiting.out))
        self.listener.be_silent(silence)
        os.write(writing, b"go\n")
        os.close(writing)
        return waiting, both

    def assert_flood_arrives(self, waiting, both, count, size):
        while not waiting.out.endswith("all\n"):
            self.assertTrue(waiting.is_running(), waiting.err)
            time.sleep(0.1)
            for watched in both:
                watched.look()
        for watched in both:
            self.assert_steady(watched)
        waiting.signal(signal.SIGTERM)
        self.assertEqual(waiting.wait(), -signal.SIGTERM, waiting.err)
        heard = [item.payload for item in self.end_listening() if item.payload != b"BARRIER=1"]
        self.assertEqual(heard.pop(0), b"READY=1")
        self.assertEqual(len(heard), count)
        for number, payload in enumerate(heard):
            if payload != b"X_NUMBER=%d\nX_LONG=" % number + b"x" * size:
                self.fail(f"{payload[:100]} in the place of number {number}")

    def test_a_long_flood_leaks_no_memory_and_no_descriptors(self):
        waiting, both = self.flood(MESSAGES, 0)
        self.assert_flood_arrives(waiting, both, MESSAGES, 0)

    def test_a_large_backlog_is_delivered(self):
        # The listener reads nothing until 48 MiB wait, so more than that is rotated.
        count, size = 45_000, 4_000
        waiting, both = self.flood(count, size, silence=float("inf"))
        journal = os.path.join(self.shared, "journal")
        bridge.eventually("much waits", lambda: os.path.getsize(journal) > 48 * 1024 * KIBIBYTE)
        self.listener.be_silent(0)
        self.assert_flood_arrives(waiting, both, count, size)

    def test_many_bridges_run_side_by_side(self):
        pairs = []
        for number in range(PAIRS):
            self.renew_shared_directory()
            pair = Pair(number, self.shared, self.path(f"ledger-{number}"))
            os.mkdir(pair.ledger)
            pair.waiting = self.start(
                bridge.WAIT,
                *self.command(bridge.WRAP, *bridge.app("import stream; stream.speak_evenly()")),
                NOTIFY_SOCKET=self.listener.path,
                WATCHDOG_USEC=str(WATCHDOG_USEC),
                STREAM_RUN=str(number),
                STREAM_LEDGER=pair.ledger,
            )
            pairs.append(pair)
        for pair in pairs:
            bridge.eventually("the app is up", lambda p=pair: p.waiting.out.endswith("\n"))
            pair.watched = [
                Watched(f"wait {pair.number}", pair.waiting.pid),
                Watched(f"wrap {pair.number}", int(pair.waiting.out)),
            ]
        self.keep_watching(pairs)
        for pair in pairs:
            self.assert_nothing_is_left(pair, "host", "notify.sock", "token")
            for watched in pair.watched:
                self.assert_steady(watched)
            pair.waiting.signal(signal.SIGTERM)
        for pair in pairs:
            self.assertEqual(pair.waiting.wait(), 0, pair.waiting.err)
            self.assertEqual(pair.waiting.err, "")
            self.assert_nothing_is_left(pair)
        self.assert_all_was_heard(pairs)

    def keep_watching(self, pairs):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(SECONDS / 50)
            for pair in pairs:
                self.assertTrue(pair.waiting.is_running(), pair.waiting.err)
                for watched in pair.watched:
                    watched.look()

    def assert_nothing_is_left(self, pair, *more):
        """Checks that only usual files are left. For a run that is alive, there may be a lane for
        descriptors, and a file that is just being replaced."""
        wanted = {"container-status", "journal", *more}

        def names():
            found = os.listdir(pair.shared)
            return {name for name in found if not (more and name.startswith("lane."))}

        bridge.eventually(f"nothing but {wanted} is there", lambda: names() == wanted)

    def assert_all_was_heard(self, pairs):
        heard = collections.defaultdict(list)
        for item in self.end_listening():
            if item.payload != b"BARRIER=1":
                heard[item.sender].append((item.payload, item.fds))
        for pair in pairs:
            count, barriers = stream.Ledger(pair.ledger).read()
            self.assertEqual(len(barriers), count // 8)
            wanted = [
                (stream.even_message(pair.number, number), int(stream.stores(pair.number, number)))
                for number in range(count)
            ]
            wanted = [(b"READY=1", 0), *wanted, (b"STOPPING=1", 0)]
            got = heard[pair.waiting.pid]
            self.assertEqual(len(got), len(wanted))
            for index, (mine, theirs) in enumerate(zip(got, wanted)):
                self.assertEqual(mine, theirs, f"number {index - 1} of bridge {pair.number}")


class Pair:
    """A `wait` and a `wrap`."""

    def __init__(self, number, shared, ledger):
        self.number = number
        self.shared = shared
        self.ledger = ledger
        self.waiting = None
        self.watched = []


bridge.main()
