"""How long it takes until systemd is notified that a program is up which does not notify itself.
Compares `wrap --ready-when=`, the common script with curl, and a program that checks each
millisecond (or reads the output)."""

import os
import socket
import sys
import time

import figures
from measure import MINIMUM, OURS, Added, Contender, Limit, Measure, Row
from processes import Failed, Process, eventually

KINDS = ("tcp", "http", "unix", "file", "log")
# The probe listen: checks less often once the program has needed 2 s.
LISTENING = {
    "listen": ("up to READY=1, listen", Limit(20)),
    "late": ("up to READY=1, listen, after 3 s", Limit(60)),
}
MILLISECONDS = 1e-6  # nanoseconds
PATIENCE = 30
LINE = "listening"  # The server prints this text if its kind is log.
HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
SCRIPT = "run.sh with curl"

RUN_SH = """
"$@" &
for attempt in $(seq 30); do
    curl --fail --silent --output /dev/null "$URL" && break
    sleep 1
done
systemd-notify --ready
wait
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Probes(Measure):
    order = 45
    rows = tuple(
        Row(kind, f"up to READY=1, {kind}", "ms", Added(MINIMUM, 2)) for kind in KINDS
    ) + tuple(Row(kind, label, "ms", limit) for kind, (label, limit) in LISTENING.items())
    contenders = (
        Contender(OURS, "ours"),
        Contender(MINIMUM, "minimum"),
        Contender(SCRIPT, "peer", "curl"),
    )

    rounds = 3

    def run(self, bench, contender):
        """Measures the script less often, because it takes a second each time."""
        count = bench.pick(12, 8) // (3 if contender.name == SCRIPT else 1)
        return {
            kind: figures.median(
                [self.one(bench, contender, kind) for _ in range(4 if kind == "late" else count)]
            )
            for kind in (*KINDS, *LISTENING)
            if contender.name != SCRIPT or kind == "http"
        }

    def one(self, bench, contender, kind):
        """Returns the time from the moment when the server is up until READY=1, in milliseconds.
        Measures this once."""
        with (
            bench.directory() as directory,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
            open(os.path.join(directory, "log"), "wb") as log,
        ):
            host, stamped = os.path.join(directory, "host.sock"), os.path.join(directory, "stamp")
            target = os.path.join(directory, "up") if kind in ("unix", "file") else free_port()
            manager.bind(host)
            manager.settimeout(PATIENCE)
            server = [sys.executable, os.path.join(HERE, "server.py"), kind, target, stamped]
            started = self.start(bench, contender, kind, target, server, log, host)
            try:
                told = self.await_ready(manager)
                eventually("the server says when it was up", lambda: os.path.exists(stamped))
                with open(stamped, encoding="ascii") as file:
                    return (told - int(file.read())) * MILLISECONDS
            finally:
                for process in started:
                    process.end()

    def start(self, bench, contender, kind, target, server, log, host):
        env = {"NOTIFY_SOCKET": host}
        if contender.name == MINIMUM and kind == "log":
            reading = ["sh", "-c", '"$@" | "$0" log "$LINE"', bench.program("floor-probe"), *server]
            return [Process(reading, log, LINE=LINE, **env)]
        if contender.name == MINIMUM:
            way = "tcp" if kind in LISTENING else kind
            asking = [bench.program("floor-probe"), way, target]
            return [Process(server, log), Process(asking, log, **env)]
        url = f"http://127.0.0.1:{target}/"
        if contender.name == SCRIPT:
            return [Process(["bash", "-c", RUN_SH, "run.sh", *server], log, URL=url, **env)]
        place = {"tcp": f"127.0.0.1:{target}", "log": LINE}.get(kind, target)
        condition = url if kind == "http" else f"{kind}:{place}"
        if kind in LISTENING:
            condition = f"listen:{target}"
        words = [bench.notifybridge, "wrap", f"--ready-when={condition}", "--", *server]
        return [Process(words, log, **env)]

    def await_ready(self, manager):
        """Waits for READY=1. Returns the time of its arrival on the clock that the server uses."""
        while True:
            try:
                message = manager.recv(4096)
            except TimeoutError:
                raise Failed(f"no READY=1 within {PATIENCE} s") from None
            if b"READY=1" in message.split(b"\n"):
                return time.monotonic_ns()
