"""A connection to a container that does not run. It starts the container, and the time until the
answer begins when the program in the container listens."""

import contextlib
import os
import sys

import figures
from boxes import UNIT, write
from managers import InLab
from measure import OURS, Limit, Measure, Row

NAME = "on-demand"
HERE = os.path.dirname(os.path.realpath(__file__))
CLIENT = os.path.join(HERE, "..", "client.py")
SERVER = os.path.join(HERE, "..", "server.py")
PORT = 8080  # in the container's own network
SHARED = "/run/on-demand"
SOCKET, STAMP = f"{SHARED}/socket", f"{SHARED}/stamp"
MOST = 10


class InPodman(InLab):
    def missing(self, bench):
        return bench.missing_in_lab("podman")


class OnDemand(Measure):
    order = 37
    rows = (
        Row("answer", "answer of a stopped container, after it listens", "ms", Limit(MOST)),
    )
    contenders = (InPodman(OURS, "ours"),)
    rounds, quick_rounds = 3, 1

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        lab = bench.lab()
        lab.run(f"mkdir {SHARED}")
        write_units(bench, lab)
        lab.run(f"systemctl daemon-reload; systemctl start {NAME}.socket")
        yield
        lab.run(f"systemctl stop {NAME}.socket")

    def run(self, bench, contender):
        return {"answer": figures.median([answer(bench.lab()) for _ in range(bench.pick(5, 2))])}


def answer(lab):
    took = lab.run(f"python3 {CLIENT} {SOCKET} 1 {STAMP}")
    lab.run(f"systemctl stop {NAME}.service")
    return float(took)


def write_units(bench, lab):
    socket = f"{UNIT}[Socket]\nListenStream={SOCKET}\nTriggerLimitIntervalSec=0\n"
    write(os.path.join(lab.units, f"{NAME}.socket"), socket)
    tests = os.path.dirname(os.path.dirname(HERE))
    podman = [*lab.podman(NAME, SHARED), f"--volume={tests}:{tests}:ro", "--rootfs", "/:O"]
    podman[0] = "/usr/bin/podman"
    server = [sys.executable, SERVER, "http", str(PORT), STAMP]
    command = [bench.notifybridge, "run", f"--proxy=tcp:127.0.0.1:{PORT}", *podman, *server]
    service = (
        f"{UNIT}StartLimitIntervalSec=0\n"
        f"[Service]\nType=notify\nKillMode=mixed\nExecStart={' '.join(command)}\n"
    )
    write(os.path.join(lab.units, f"{NAME}.service"), service)
