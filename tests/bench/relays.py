"""Relays: how each is started, and how messages are sent through several of them at once."""

import contextlib
import os
import select
import signal
import time

from measure import MINIMUM, OURS, Contender
from processes import (
    Failed, Process, child_of, cpu_seconds, eventually, faults_and_reads, find, parent_of,
)

NANOSECONDS_A_SECOND = 1_000_000_000
PATIENCE = 30


class Place:
    """One bridge: its directory, the host's socket, and the command line of its app."""

    def __init__(self, directory, host, app, log):
        self.directory = directory
        self.host = host
        self.app = app
        self.log = log
        self.socket = os.path.join(directory, "notify.sock")


class Relay(Contender):
    """A contender that carries an app's messages to the host's socket."""

    passes_only_ready = False
    says_ready_once = False  # whether one READY=1 stands for all bridges

    def start(self, bench, place, stack):
        """Starts the relay and the app, which end with STACK. Returns the pids of the relay, with
        wait first."""
        raise NotImplementedError

    def process(self, command, place, stack, **env):
        process = Process(command, place.log, **env)
        stack.callback(process.end)
        return process


class Straight(Relay):
    """No relay: the app sends to the host directly."""

    def start(self, bench, place, stack):
        self.process(place.app, place, stack, NOTIFY_SOCKET=place.host)
        return []


class Proxy(Relay):
    """A process that receives at a socket, and sends to the host's socket."""

    def command(self, bench, place):
        raise NotImplementedError

    def start(self, bench, place, stack):
        relay = self.process(self.command(bench, place), place, stack, NOTIFY_SOCKET=place.host)
        eventually(f"{self.name} makes its socket", lambda: os.path.exists(place.socket))
        self.process(place.app, place, stack, NOTIFY_SOCKET=place.socket)
        return [relay.pid]


class OneHop(Proxy):
    def command(self, bench, place):
        return [bench.program("floor-relay"), "hop", place.socket]


class Socat(Proxy):
    """socat(1): UNIX-RECV receives datagrams from any sender, and UNIX-SENDTO sends each one."""

    def command(self, bench, place):
        return ["socat", "-u", f"UNIX-RECV:{place.socket}", f"UNIX-SENDTO:{place.host}"]


class Pair(Relay):
    """A process on the host that starts a process in the container, which starts the app."""

    def host(self, bench, place):
        raise NotImplementedError

    def container(self, bench, place):
        raise NotImplementedError

    def start(self, bench, place, stack):
        command = [*self.host(bench, place), *self.container(bench, place), *place.app]
        host = self.process(
            command, place, stack, NOTIFY_SOCKET=place.host, SHARED_DIR=place.directory
        )
        return [host.pid, child_of(host.pid)]


class FloorPair(Pair):
    """The pairs of processes in floor_relay.cpp: wait and wrap, or poll and keep."""

    def __init__(self, name, role, *kinds):
        super().__init__(name, role)
        self.kinds = kinds

    def host(self, bench, place):
        return [bench.program("floor-relay"), self.kinds[0], place.directory]

    def container(self, bench, place):
        return [bench.program("floor-relay"), self.kinds[1], place.directory]


class Ours(Pair):
    def __init__(self, name=OURS, role="ours", options=()):
        super().__init__(name, role)
        self.options = options

    def host(self, bench, place):
        return [bench.notifybridge, "wait", *self.options]

    def container(self, bench, place):
        return [bench.notifybridge, "wrap"]


class Attached(Relay):
    """Our `wait` and `wrap`, started separately. The pids are those of `wait`."""

    def start(self, bench, place, stack):
        pids = self.start_wait(bench, place, stack)
        wrap = [bench.notifybridge, "wrap", *place.app]
        self.process(wrap, place, stack, SHARED_DIR=place.directory)
        return pids

    def start_wait(self, bench, place, stack, *options):
        command = [bench.notifybridge, "wait", *options]
        return [
            self.process(
                command, place, stack, NOTIFY_SOCKET=place.host, SHARED_DIR=place.directory
            ).pid
        ]


class Members(Attached):
    """Several bridges of one `wait`."""

    says_ready_once = True

    def __init__(self, count):
        super().__init__(OURS, "ours")
        self.count = count

    def start_wait(self, bench, place, stack, *options):
        above, name = os.path.split(place.directory)
        if name != "0":
            return []
        whole = Place(above, place.host, place.app, place.log)
        members = [f"--member={number}" for number in range(self.count)]
        return super().start_wait(bench, whole, stack, *members)


class Conmon(Relay):
    """podman's own way: messages go through conmon (podman-run(1)). conmon 2.1.6 only passes
    READY=1 and WATCHDOG=1. conmon 2.1.12 also passes STATUS, and stalls in the same way."""

    passes_only_ready = True

    def missing(self, bench):
        return bench.missing_in_lab("podman")

    def start(self, bench, place, stack):
        name = "bench-" + "-".join(place.directory.split("/")[-2:])
        lab = bench.lab()
        stack.callback(lab.run, f"podman rm --force --time=0 {name} >/dev/null 2>&1")
        words = [*lab.podman(name, place.directory), "--sdnotify=container", "--rootfs", "/:O"]
        lab.run(
            f"NOTIFY_SOCKET={place.host} {' '.join([*words, *place.app])}"
            f" </dev/null >{place.directory}/log 2>&1 &"
        )
        # conmon forks at once, and its child is the parent of the app.
        app = eventually("podman starts the app", lambda: find("bench-app", place.directory))
        return [parent_of(app)]


STRAIGHT = Straight("none, straight", "reference")
ONE_HOP = OneHop("minimum, one hop", "reference")
MINIMUM_PAIR = FloorPair(MINIMUM, "minimum", "wait", "wrap")
POLLER = FloorPair("500 ms poller", "peer", "poll", "keep")
SOCAT = Socat("socat", program="socat")
CONMON = Conmon("conmon")


class Traffic:
    """The messages to send. Each app sends WARM_UP messages and then COUNT messages, one every
    INTERVAL seconds (0 means as fast as possible). The apps are spread evenly over the interval,
    and each message is filled up to SIZE bytes. The host stops reading for STALL seconds. After
    LIMIT seconds, the benchmark stops waiting for messages."""

    def __init__(self, count, interval, warm_up=0, bridges=1, size=0, stall=0, limit=PATIENCE):
        self.count = count
        self.interval = interval
        self.warm_up = warm_up
        self.bridges = bridges
        self.size = size
        self.stall = stall
        self.limit = limit


def carry(bench, relay, traffic, at_end=None):
    """Sends TRAFFIC through RELAY. Returns the receiver's figures with times in seconds, the
    relay's processor time for a message, and the longest send() of all apps. The latter is
    infinite if a send() never returned. The list "counts" has the faults and reads for a message of
    each process of the relay. At the end, calls AT_END with the pids of the relay, and
    adds the result."""
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(bench.directory())
        log = stack.enter_context(open(os.path.join(directory, "log"), "wb"))
        go = _make_go(directory, stack)
        times = [_make_times(directory, traffic)] if relay.passes_only_ready else []
        ready = 1 if relay.says_ready_once else traffic.bridges
        receiver = _Receiver(bench, directory, traffic, ready, times, log)
        stack.callback(receiver.end)
        pids = []
        for number in range(traffic.bridges):
            place = _place(bench, directory, number, receiver.socket, traffic, times, log)
            pids += relay.start(bench, place, stack)
        receiver.wait_for("up", PATIENCE)
        before = cpu_seconds(pids)
        counts = [faults_and_reads(pid) for pid in pids]
        os.close(go.pop())
        if traffic.stall:
            receiver.stop_for(traffic.stall)
        found = receiver.result(traffic.limit)
        found["cpu"] = (cpu_seconds(pids) - before) / _total(traffic)
        found["counts"] = [
            {name: (count - old[name]) / _total(traffic) for name, count in faults_and_reads(pid).items()}
            for pid, old in zip(pids, counts)
        ]
        found["longest"] = _longest_sends(directory, traffic, found["lost"] == 0)
        if at_end:
            found.update(at_end(pids))
        return found


def _total(traffic):
    return traffic.bridges * (traffic.count + traffic.warm_up)


def _make_go(directory, stack):
    """Returns a list with a descriptor of a FIFO. Closing the FIFO is the signal to begin."""
    path = os.path.join(directory, "go")
    os.mkfifo(path)
    go = [os.open(path, os.O_RDWR | os.O_CLOEXEC)]
    stack.callback(lambda: [os.close(fd) for fd in go])
    return go


def _make_times(directory, traffic):
    """Returns a file in which one app writes the time of sending of each message. With this relay,
    the message cannot contain that time."""
    os.mkdir(os.path.join(directory, "0"), 0o755)
    path = os.path.join(directory, "0", "times")
    with open(path, "wb") as file:
        file.truncate(8 * _total(traffic))
    return path


def _place(bench, directory, number, host, traffic, times, log):
    own = os.path.join(directory, str(number))
    os.makedirs(own, 0o755, exist_ok=True)
    os.link(os.path.join(directory, "go"), os.path.join(own, "go"))
    interval = round(traffic.interval * NANOSECONDS_A_SECOND)
    offset = interval * number // traffic.bridges
    count = traffic.count + traffic.warm_up
    words = [own, number, count, interval, offset, traffic.size, *times]
    app = [bench.program("bench-app"), *words]
    return Place(own, host, [str(word) for word in app], log)


def _longest_sends(directory, traffic, all_came):
    """Returns the longest send() of all apps in seconds. Returns infinity if a send() still waits
    although the relay had enough time."""
    found = []
    for number in range(traffic.bridges):
        path = os.path.join(directory, str(number), f"longest-{number}")
        try:
            eventually("the app is done", lambda: os.path.exists(path), 5 if all_came else 0.5)
        except Failed:
            return float("inf")
        with open(path, encoding="ascii") as file:
            found.append(int(file.read()) / NANOSECONDS_A_SECOND)
    return max(found)


class _Receiver:
    """A process that runs receiver.cpp."""

    def __init__(self, bench, directory, traffic, ready, times, log):
        self.socket = os.path.join(directory, "host.sock")
        count = traffic.count + traffic.warm_up
        words = [self.socket, traffic.bridges, ready, count, traffic.warm_up, *times]
        command = [bench.program("bench-receiver"), *map(str, words)]
        self._process = Process(command, log, capture=True)
        self._left = b""
        self.wait_for("bound", PATIENCE)

    def end(self):
        self._process.end()

    def _line(self, seconds):
        deadline = time.monotonic() + seconds
        while b"\n" not in self._left:
            left = max(0, deadline - time.monotonic())
            if not select.select([self._process.stdout], [], [], left)[0]:
                return None
            received = os.read(self._process.stdout.fileno(), 4096)
            if not received:
                raise Failed("the receiver ended")
            self._left += received
        line, self._left = self._left.split(b"\n", 1)
        return line.decode()

    def wait_for(self, word, seconds):
        if self._line(seconds) != word:
            raise Failed(f"not within {seconds} s: the receiver says {word}")

    def stop_for(self, seconds):
        """Stops reading for this time, shortly after the apps have begun."""
        time.sleep(0.1)
        self._process.signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.signal(signal.SIGCONT)

    def result(self, seconds):
        """Returns the receiver's figures when all messages have arrived, or after SECONDS if some
        are lost."""
        line = self._line(seconds)
        if line is None:
            self._process.signal(signal.SIGTERM)
            line = self._line(PATIENCE)
        found = {name: int(value) for name, value in (word.split("=") for word in line.split())}
        for name in ("p50", "p99", "max", "took"):
            found[name] /= NANOSECONDS_A_SECOND
        return found
