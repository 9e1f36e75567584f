#!/usr/bin/python3
"""Sends generated datagrams to units of the running systemd, and to the folding of notifybridge. If
the results differ, the error shows how to repeat the run.

There are three kinds of units. A `direct` unit gets the datagrams themselves. A `bridged` unit gets
them from an app behind `wait` and `wrap`, which must make no difference. A `late` unit gets only
the messages that the folding sends to a late reader. After that, its facts must equal those of its
direct twin. Each round uses new units, because a service that has sent STOPPING=1 stays in that
state.

    DIFFERENTIAL_SEED=N        repeats the run with that seed
    DIFFERENTIAL_DATAGRAMS=N   the number of datagrams (8,000; 60,000 with NOTIFYBRIDGE_LONG=1)
    FOLD_DATAGRAMS=PATH        the folding: tests/base/notify/fold_datagrams.cpp
"""

import contextlib
import os
import random
import select
import signal
import socket
import struct
import subprocess
import sys
import time

import datagrams
import properties

HERE = os.path.dirname(os.path.realpath(__file__))
SCRATCH = os.environ["SYSTEM_TEST"]
HELLOS = f"{SCRATCH}/hellos"
PATIENCE = 60
# The number of units of each kind, and of looks at them in each round.
TWINS, BRIDGES, LOOKS = 32, 3, 5
UNIT_PERIOD = 3_600_000_000  # An hour.
LONGEST_DATAGRAM = 4096
LONGEST_TIME = len("\nMONOTONIC_USEC=18446744073709551615")
# A cut may take the rest of a character, or a backslash, as well.
LONGEST_CUT = LONGEST_TIME + 4
NUMBER = struct.Struct("<I")

FACTS = ["StatusText", "StatusErrno", "StatusBusError", "StatusVarlinkError", "WatchdogUSec"]
PINGED = "WatchdogTimestampMonotonic"
SHOWN = [("Unit", "SubState"), *(("Service", name) for name in [*FACTS, PINGED])]


class Difference(Exception):
    pass


def make_fifo(path):
    os.mkfifo(path)
    return os.open(path, os.O_RDWR)


# --- systemd, and the folding of notifybridge ------------------------------------------------


class Manager:
    """systemd's notification socket."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.connect("/run/systemd/notify")

    def send(self, pid, datagram):
        """Sends as the process `pid`, which root is allowed to do."""
        who = (socket.SOL_SOCKET, socket.SCM_CREDENTIALS, struct.pack("3i", pid, 0, 0))
        self._socket.sendmsg([datagram], [who])

    def barrier(self):
        """Waits until systemd has processed everything that was sent."""
        ours, theirs = os.pipe()
        socket.send_fds(self._socket, [b"BARRIER=1"], [theirs])
        os.close(theirs)
        if not select.select([ours], [], [], PATIENCE)[0]:
            raise Difference("systemd's barrier does not return")
        os.close(ours)


class Folder:
    """A client of the folding of notifybridge, which runs in another process."""

    def __init__(self):
        command = [os.environ["FOLD_DATAGRAMS"]]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def fold(self, history):
        questions = self._process.stdin
        questions.write(NUMBER.pack(len(history)))
        for datagram in history:
            questions.write(NUMBER.pack(len(datagram)) + datagram)
        questions.flush()
        folded = Folded()
        while line := self._process.stdout.readline().decode().rstrip("\n"):
            folded.read(*line.split("=", 1))
        return folded


class Folded:
    """The result of the folding for a history of datagrams."""

    def __init__(self):
        self.phases = []  # The phase after each datagram.
        self.facts = {}
        self.late = []  # The datagrams for a late reader.
        # The number of the last datagram that was a ping, counted from 1, or 0 if there was none.
        self.pinged = 0

    def read(self, name, text):
        if name == "phase":
            self.phases.append(text)
        elif name == "pinged":
            self.pinged = int(text)
        elif name == "late":
            self.late.append(bytes.fromhex(text))
        else:
            self.facts[name.removeprefix("fact.")] = bytes.fromhex(text)

    def sub_state(self, release):
        """Returns the SubState that systemd shows for such a service, or None if releases differ.

        systemd remembers STOPPING=1 of a service that has not started yet, but does not show it.
        Before 253, it does the same for a service that reloads. In some releases, but not in all,
        READY=1 makes such a service active again.
        """
        reloading = "reload" if release < 253 else "reload-notify"
        shown = "start"
        for phase in self.phases:
            if phase == "ready":
                shown = "running"
            elif phase == "reloading":
                shown = reloading
            elif phase == "stopping":
                if shown not in ("running", "reload-notify", "stop-sigterm"):
                    return None
                shown = "stop-sigterm"
        return shown


# --- units -----------------------------------------------------------------------------------


class Unit:
    """A unit with Type=notify that starts again whenever its process ends."""

    def __init__(self, name):
        self.name = name
        self.path = properties.unit_path(f"{name}.service")
        self.has_started(0)
        with open(f"{SCRATCH}/units/{name}.service", "w", encoding="utf-8") as file:
            file.write(
                "[Unit]\nStartLimitIntervalSec=0\nDefaultDependencies=no\n"
                "[Service]\nType=notify\nRestart=always\nRestartSec=0\n"
                f"WatchdogSec={UNIT_PERIOD}us\n"
                "TimeoutStartSec=infinity\nTimeoutStopSec=infinity\nKillSignal=SIGKILL\n"
                f"StandardError=append:{SCRATCH}/log/{name}\n"
                f"ExecStart={self.command()}\n"
            )

    def command(self):
        return f"/bin/sh -c 'echo {self.name} $$$$ >{HELLOS}; exec sleep infinity'"

    def has_started(self, pid):
        self.pid = pid
        self.history = []  # The datagrams that were sent to it since its start.
        self.shown = {}  # The properties that systemd showed at the last look.

    def send(self, manager, group):
        for datagram in group:
            manager.send(self.pid, datagram)
        self.history += group

    def settle(self):
        """Waits until systemd has received all messages."""

    def end(self):
        os.kill(self.pid, signal.SIGKILL)

    def log(self):
        """Returns the last output of the unit."""
        with open(f"{SCRATCH}/log/{self.name}", encoding="utf-8", errors="replace") as file:
            return file.read()[-5000:]


class Bridge(Unit):
    """A unit that gets its datagrams from an app behind `wait` and `wrap`."""

    def __init__(self, name):
        self._fifos = [f"{SCRATCH}/orders-{name}", f"{SCRATCH}/done-{name}"]
        self._orders, self._done = map(make_fifo, self._fifos)
        self._shared = f"/run/shared-{name}"
        super().__init__(name)

    def command(self):
        words = []
        for side in ("host-notify-waiter", "container-notify-wrapper"):
            words += [f"{SCRATCH}/bin/{side}", f"--shared-dir={self._shared}"]
        app = ["/usr/bin/python3", f"{HERE}/sender.py", *self._fifos, HELLOS, self.name]
        return " ".join(words + app)

    def send(self, _, group):
        order = NUMBER.pack(len(group))
        order += b"".join(NUMBER.pack(len(datagram)) + datagram for datagram in group)
        while order:  # The order may be longer than a FIFO accepts at once.
            order = order[os.write(self._orders, order) :]
        self.history += group

    def settle(self):
        if not select.select([self._done], [], [], PATIENCE)[0]:
            raise Difference(f"{self.name}'s barrier does not return")
        os.read(self._done, 1)

    def end(self):
        os.write(self._orders, NUMBER.pack(0))

    def container_status(self):
        """Returns the phase, and all texts with their keys."""
        with open(f"{self._shared}/container-status", "rb") as file:
            lines = dict(line.split(b"=", 1) for line in file.read().splitlines())
        said = {key.decode(): unescape(value) for key, value in lines.items()}
        return said.pop("STATE").decode(), said


def unescape(value):
    """Reverses util::escape."""
    out = b""
    while value:
        head, backslash, value = value.partition(b"\\")
        out += head
        if value.startswith(b"x"):
            out += bytes.fromhex(value[1:3].decode())
            value = value[3:]
        elif backslash:
            out += {b"\\": b"\\", b"n": b"\n", b"r": b"\r", b"t": b"\t"}[value[:1]]
            value = value[1:]
    return out


# --- what must hold --------------------------------------------------------------------------


def expect(what, ours, theirs):
    if ours != theirs:
        raise Difference(f"{what}: we say {ours!r}, and systemd {theirs!r}")


@contextlib.contextmanager
def blaming(unit, last):
    """Adds the datagrams of the unit to a difference, and names those after the last look."""
    try:
        yield
    except Difference as difference:
        sent = "".join(f"\n    {datagram!r}" for datagram in unit.history)
        since = "".join(f"\n    {datagram!r}" for datagram in last)
        raise Difference(
            f"{unit.name}: {difference}\nsent:{sent}\nof which last:{since}\n{unit.log()}"
        ) from None


def compare(unit, before, group, folded, release):
    """Compares the state of the unit in systemd with the folding of all its datagrams."""
    state = folded.sub_state(release)
    if state:
        expect("the state", state, unit.shown["SubState"].decode())
    status, shown = folded.facts.get("STATUS", b""), unit.shown["StatusText"]
    # If the message of a reload has no room for MONOTONIC_USEC, the end of STATUS gives way.
    may_be_cut = any(
        len(sent) + LONGEST_TIME > LONGEST_DATAGRAM and b"RELOADING=1" in sent.replace(b"\\", b"")
        for sent in unit.history
    )
    is_cut = may_be_cut and len(status) - LONGEST_CUT <= len(shown)
    expect("StatusText", status[: len(shown)] if is_cut else status, shown)
    expect("StatusErrno", int(folded.facts.get("ERRNO", 0)), unit.shown["StatusErrno"])
    period = int(folded.facts.get("WATCHDOG_USEC", UNIT_PERIOD))
    expect("WatchdogUSec", period, unit.shown["WatchdogUSec"])
    for name, key in (("StatusBusError", "BUSERROR"), ("StatusVarlinkError", "VARLINKERROR")):
        if unit.shown[name] is not None:  # systemd 252 shows neither property.
            expect(name, folded.facts.get(key, b""), unit.shown[name])
    # systemd also counts a new period and the end of the start as a ping. Without a period, it
    # counts no ping.
    was_up = before["SubState"] != b"start"
    if was_up and unit.shown[PINGED] != 0 and not any(map(datagrams.sets_watchdog, group)):
        is_new = folded.pinged > len(unit.history) - len(group)
        expect("a ping came", is_new, unit.shown[PINGED] != before[PINGED])


def compare_late(twin, late, folded):
    for name in FACTS:
        expect(f"{name} of a late reader", late.shown[name], twin.shown[name])
    state = "running" if folded.phases[-1] == "ready" else "start"
    expect("the state of a late reader", state, late.shown["SubState"].decode())


def compare_container_status(unit, folded):
    """Waits until container-status agrees, because it is not written for each datagram."""
    deadline = time.monotonic() + PATIENCE
    while True:
        phase, said = unit.container_status()
        facts = {key: value for key, value in said.items() if key in datagrams.FACTS}
        if (phase, facts) == (folded.phases[-1], folded.facts):
            return
        if time.monotonic() > deadline:
            raise Difference(f"container-status says {phase}, {facts}, not {folded.facts}")
        time.sleep(0.01)


class Comparison:
    def __init__(self, seed):
        self.release = properties.version()
        self._generator = datagrams.Generator(seed, last_flag_wins=self.release < 253)
        self._manager = Manager()
        self._folder = Folder()
        self._hellos = os.fdopen(make_fifo(HELLOS), "rb", buffering=0)
        self._direct = [Unit(f"direct{number}") for number in range(TWINS)]
        self._late = [Unit(f"late{number}") for number in range(TWINS)]
        self._bridged = [Bridge(f"bridged{number}") for number in range(BRIDGES)]
        self._units = [*self._direct, *self._late, *self._bridged]
        names = [unit.name for unit in self._units]
        subprocess.run(["systemctl", "start", "--no-block", *names], check=True)

    def round(self):
        """Returns how many datagrams were compared."""
        self._await_starts()
        told = [*self._direct, *self._bridged]
        self._look(told)
        for _ in range(LOOKS):
            self._send_and_compare(told)
        for unit in self._bridged:
            with blaming(unit, []):
                compare_container_status(unit, self._folder.fold(unit.history))
        self._tell_late()
        for unit in self._units:
            unit.end()
        return sum(len(unit.history) for unit in told)

    def _await_starts(self):
        missing = {unit.name: unit for unit in self._units}
        deadline = time.monotonic() + PATIENCE
        while missing:
            left = max(0, deadline - time.monotonic())
            if not select.select([self._hellos], [], [], left)[0]:
                raise Difference(f"these do not start again: {', '.join(missing)}")
            name, pid = self._hellos.readline().decode().split()
            missing.pop(name).has_started(int(pid))

    def _look(self, units):
        wanted = [(unit.path, *name) for unit in units for name in SHOWN]
        values = iter(properties.read(wanted))
        for unit in units:
            unit.shown = {name: next(values) for _, name in SHOWN}

    def _send_and_compare(self, units):
        before = [unit.shown for unit in units]
        groups = [self._generator.group() for _ in units]
        for unit, group in zip(units, groups):
            unit.send(self._manager, group)
        for unit in units:
            unit.settle()
        self._manager.barrier()
        self._look(units)
        for unit, shown, group in zip(units, before, groups):
            with blaming(unit, group):
                folded = self._folder.fold(unit.history)
                compare(unit, shown, group, folded, self.release)

    def _tell_late(self):
        folded = [self._folder.fold(unit.history) for unit in self._direct]
        for late, state in zip(self._late, folded):
            late.send(self._manager, state.late)
        self._manager.barrier()
        self._look(self._late)
        for twin, late, state in zip(self._direct, self._late, folded):
            with blaming(twin, late.history):
                compare_late(twin, late, state)


def main():
    long = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
    wanted = int(os.environ.get("DIFFERENTIAL_DATAGRAMS", 60_000 if long else 8_000))
    seed = int(os.environ.get("DIFFERENTIAL_SEED", random.randrange(2**32)))
    comparison = Comparison(seed)
    compared = 0
    try:
        while compared < wanted:
            compared += comparison.round()
    except Difference as difference:
        sys.exit(f"DIFFERENTIAL_SEED={seed}, after {compared} datagrams: {difference}")
    print(f"systemd {comparison.release} and we agree on {compared} datagrams (seed {seed})")


main()
