"""A stream of numbered messages: its contents, an app that sends them, and a receiver.

An app keeps a ledger in its own directory. It lists the messages that the app has sent, and the
barriers that have returned. After the app was killed, a test compares the ledger with the received
messages.
"""

import array
import ctypes
import mmap
import os
import random
import select
import signal
import socket
import struct
import sys
import threading
import time

import sdnotify

# The reader of shared directories is beside the tests of the manual page that defines them.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "docs"))

# The texts beside the number of a message, in turn. No two messages may be merged, because each has
# its own number.
SAID = (b"READY=1", b"STATUS=at work", b"WATCHDOG=1", b"X_EVENT=1", b"ERRNO=5", b"X_OTHER=1")


def message(run, number):
    """Returns the message with this number. Every third run has long messages, so that journals
    rotate."""
    text = b"X_RUN=%d\nX_NUMBER=%d\n" % (run, number) + SAID[number % len(SAID)]
    if run % 3 == 2:
        text += b"\nX_LONG=" + b"x" * (number * 7919 % 3500)
    return text


def parse(payload):
    """Returns the run and the number of a message, or None if the message belongs to no stream."""
    lines = payload.split(b"\n", 2)
    if len(lines) < 3 or not lines[0].startswith(b"X_RUN=") or not lines[1].startswith(b"X_NUMBER="):
        return None
    return int(lines[0][6:]), int(lines[1][9:])


BARRIER = struct.Struct("=qdd")


class Ledger:
    """The record of the messages that an app has sent, and of the barriers that have returned."""

    def __init__(self, directory):
        self._count = os.path.join(directory, "sent")
        self._barriers = os.path.join(directory, "barriers")

    def open(self):
        with open(self._count, "wb") as file:
            file.truncate(8)
        with open(self._count, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self._barriers_file = open(self._barriers, "ab", buffering=0)

    def sent(self, count):
        struct.pack_into("=q", self._map, 0, count)

    def barrier_returned(self, count, said):
        self._barriers_file.write(BARRIER.pack(count, said, time.monotonic()))

    def read(self):
        """Returns how many messages were sent. Also returns for each barrier how many messages were
        sent before it, when it was sent and when it returned."""
        try:
            with open(self._count, "rb") as file:
                count = int.from_bytes(file.read(8), sys.byteorder)
            with open(self._barriers, "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return 0, []
        # The app may have been killed while it was writing.
        return count, list(BARRIER.iter_unpack(data[: len(data) // BARRIER.size * BARRIER.size]))


class Speaker:
    """The sender of the messages of a run. MAKE creates each message."""

    def __init__(self, run, directory, make=message):
        self.count = 0
        self._run = run
        self._make = make
        self._ledger = Ledger(directory)
        self._ledger.open()
        self._socket = sdnotify.connect()

    def say(self, fds=()):
        socket.send_fds(self._socket, [self._make(self._run, self.count)], fds)
        self.count += 1
        self._ledger.sent(self.count)

    def confirm(self):
        """Waits until a barrier has returned."""
        ours, theirs = os.pipe()
        said = time.monotonic()
        socket.send_fds(self._socket, [b"BARRIER=1"], [theirs])
        os.close(theirs)
        os.read(ours, 1)
        os.close(ours)
        self._ledger.barrier_returned(self.count, said)


def end_with_parent():
    """Makes the kernel kill this process when `wrap` ends, as in a container, where `wrap` is the
    first process."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG.
    with open(f"/proc/{parent}/comm", encoding="ascii") as file:
        is_wrap = file.read() == "container-notif\n"
    if not is_wrap or os.getppid() != parent:
        sys.exit("wrap has ended before")


def speak():
    """Runs the app of tests that kill processes. It usually sends bursts, until a signal ends it."""
    end_with_parent()
    run = int(os.environ["STREAM_RUN"])
    choice = random.Random(f"{os.environ['STREAM_SEED']} {run}")
    speaker = Speaker(run, os.environ["STREAM_LEDGER"])
    with open(os.path.join(os.environ["STREAM_LEDGER"], "app"), "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    speaker.say()
    while True:
        kind = choice.random()
        if kind < 0.5:
            time.sleep(choice.random() * 0.05)
        elif kind < 0.7:
            for _ in range(choice.randrange(1, 10)):
                speaker.say()
                speaker.confirm()
        else:
            for _ in range(choice.randrange(1, 500)):
                speaker.say()
            if kind < 0.8:
                speaker.confirm()


def stores(run, number):
    """Returns whether a descriptor belongs to that message. Every second app stores some."""
    return run % 2 == 1 and number % 10 == 5


def even_message(run, number):
    """Returns a message of an app that sends at a constant rate: a ping, a status, or a numbered
    message."""
    if stores(run, number):
        return b"FDSTORE=1\nFDNAME=number-%d" % number
    if number % 3 == 1:
        return b"WATCHDOG=1"
    if number % 5 == 0:
        return b"STATUS=%d of %d" % (number, run)
    return message(run, number)


def speak_evenly():
    """Runs the app of long tests. It sends a message from time to time, until SIGTERM."""
    assert os.environ["WATCHDOG_USEC"] and "WATCHDOG_PID" not in os.environ
    run = int(os.environ["STREAM_RUN"])
    speaker = Speaker(run, os.environ["STREAM_LEDGER"], even_message)
    stopped = False

    def stop(*_):
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    sdnotify.notify("READY=1")
    pause = int(os.environ["WATCHDOG_USEC"]) / 1e6 / 20
    while not stopped:
        speaker.say([0] if stores(run, speaker.count) else [])
        if speaker.count % 8 == 0:
            speaker.confirm()
        if speaker.count == 8:
            print(os.getppid(), flush=True)  # The app has done each of its actions once.
        time.sleep(pause)
    sdnotify.notify("STOPPING=1")


class Heard:
    """A datagram at the receiver: its time of arrival, its sender, and for a barrier, the time of
    its release."""

    __slots__ = ("came", "sender", "payload", "fds", "closed")

    def __init__(self, came, sender, payload, fds):
        self.came = came
        self.sender = sender
        self.payload = payload
        self.fds = fds
        self.closed = None

    def __repr__(self):
        shown = self.payload[:60].replace(b"\n", b" ").decode(errors="replace")
        return f"{self.came:.6f} of {self.sender}: {shown}" + (
            f", closed at {self.closed:.6f}" if self.closed else ""
        )


class Listener:
    """A stand-in for systemd, which records everything that it receives, and is sometimes slow.

    CHOICE, a random.Random, decides when it stops reading for a moment, and when it holds a
    barrier's descriptor. Without CHOICE, it never does this.
    """

    def __init__(self, path, choice=None):
        self.path = path
        self.heard = []
        self._choice = choice
        self._silent_until = 0
        self._held = []  # Held barriers: when each is due, the barrier, and its descriptors.
        self._changed = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.setblocking(False)
        self._socket.bind(path)
        self._stop, self._stopper = os.pipe()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        poll.register(self._stop, select.POLLIN)
        while True:
            due = min((due for due, _, _ in self._held), default=None)
            ready = poll.poll(None if due is None else max(0, (due - time.monotonic()) * 1000))
            if any(fd == self._stop for fd, _ in ready):
                break
            self._release(time.monotonic())
            if ready:
                self._receive()
        self._release(float("inf"))

    def _receive(self):
        if self._choice and self._choice.random() < 0.005:
            self.be_silent(self._choice.random() * 0.1)
        with self._changed:
            while (silence := self._silent_until - time.monotonic()) > 0:
                self._changed.wait(min(silence, threading.TIMEOUT_MAX))
        space = socket.CMSG_SPACE(253 * 4) + socket.CMSG_SPACE(12)
        for _ in range(100):
            try:
                payload, ancillary, _, _ = self._socket.recvmsg(8192, space)
            except BlockingIOError:
                break
            sender, fds = 0, array.array("i")
            for level, kind, data in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                    sender = struct.unpack("3i", data)[0]
                elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds.frombytes(data)
            heard = Heard(time.monotonic(), sender, payload, len(fds))
            if fds:
                self._hold(heard, fds)
            with self._changed:
                self.heard.append(heard)
                self._changed.notify_all()

    def be_silent(self, seconds):
        """Reads nothing and closes nothing for this time."""
        with self._changed:
            self._silent_until = time.monotonic() + seconds
            self._changed.notify_all()

    def _hold(self, heard, fds):
        due = 0
        if self._choice and self._choice.random() < 0.1:
            due = heard.came + self._choice.random() * self._choice.choice((0.05, 0.3))
        self._held.append((due, heard, fds))
        self._release(heard.came)

    def _release(self, now):
        for item in [item for item in self._held if item[0] <= now]:
            self._held.remove(item)
            # Record the time before closing, because closing releases a process that reads the
            # clock later.
            item[1].closed = time.monotonic()
            for fd in item[2]:
                os.close(fd)

    def wait_until(self, what, condition, patience):
        """Waits until CONDITION returns a true value for all received datagrams, and returns the
        value."""
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self.heard), patience):
                raise AssertionError(
                    f"not heard within {patience} s: {what}; heard last: {self.heard[-20:]}"
                )
            return condition(self.heard)

    def close(self):
        if not self._thread.is_alive():
            return
        self.be_silent(0)
        os.write(self._stopper, b"x")
        self._thread.join()
        self._socket.close()
        os.close(self._stop)
        os.close(self._stopper)
        os.unlink(self.path)
