"""The time from `systemctl start` to active: the app alone, through wrap and wait, in podman, and
with run."""

import contextlib
import os

import figures
from measure import MINIMUM, OURS, Added, Contender, Measure, Row

ALONE = "app alone"
MICROSECONDS_A_MILLISECOND = 1000


class InLab(Contender):
    def missing(self, bench):
        return bench.missing_in_lab()


class Activation(Measure):
    order = 32
    rows = (
        Row("bare", "systemctl start to active", "ms", Added(ALONE, 3)),
        Row("podman", "systemctl start to active, in podman", "ms", Added(ALONE, 3)),
        # The limit is 3 ms for wait and wrap, and 2 ms for runtime.
        Row("run", "systemctl start to active, in podman by run", "ms", Added(ALONE, 5)),
    )
    contenders = (
        InLab(OURS, "ours"),
        InLab(MINIMUM, "minimum"),
        InLab(ALONE, "reference"),
    )

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        self.kinds = ["bare", "podman", "run"]
        if reason := bench.missing_in_lab("podman"):
            bench.leave_out("activation in podman", reason)
            self.kinds = ["bare"]
        lab = bench.lab()
        for contender in contenders:
            for kind in kinds_of(self.kinds, contender):
                write_unit(bench, lab, contender.name, kind)
        lab.run("systemctl daemon-reload")
        yield

    def run(self, bench, contender):
        counts = {"bare": bench.pick(10, 5), "podman": bench.pick(3, 1), "run": bench.pick(3, 1)}
        found = {}
        for kind in kinds_of(self.kinds, contender):
            name = unit_name(contender.name, kind)
            times = [activation(bench.lab(), name) for _ in range(counts[kind])]
            found[kind] = figures.median(times)
        return found


def kinds_of(kinds, contender):
    """Returns the kinds that the contender has. There is no minimum for `run`."""
    return [kind for kind in kinds if kind != "run" or contender.name != MINIMUM]


def unit_name(contender, kind):
    return f"{contender.replace(' ', '-')}-{kind}"


def write_unit(bench, lab, contender, kind):
    """Writes a unit that starts the same app for each contender, as in the README or in
    podman-run(1)."""
    name = unit_name(contender, kind)
    shared = f"/run/{name}"
    lab.run(f"mkdir {shared}")
    app = [bench.program("bench-app"), "ready"]
    container = []
    if kind != "bare":
        container = [*lab.podman(name, shared), "--env=SHARED_DIR=" + shared]
        container += ["--sdnotify=container"] if contender == ALONE else []
        container += ["--rootfs", "/:O"]
        container[0] = "/usr/bin/podman"
    floor = bench.program("floor-relay")
    command = {
        OURS: [bench.notifybridge, "wait", *container, bench.notifybridge, "wrap", *app],
        MINIMUM: [floor, "wait", shared, *container, floor, "wrap", shared, *app],
        ALONE: [*container, *app],
    }[contender]
    environment = f"SHARED_DIR={shared}"
    if kind == "run" and contender == OURS:
        # `run` mounts its own directory.
        container = [word for word in container if shared not in word]
        command = [bench.notifybridge, "run", *container, *app]
        environment = ""
    with open(os.path.join(lab.units, name + ".service"), "w", encoding="utf-8") as file:
        file.write(
            "[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n[Service]\nType=notify\n"
            f"KillMode=mixed\nNotifyAccess={'all' if contender == ALONE else 'main'}\n"
            f"Environment={environment}\nExecStart={' '.join(command)}\n"
        )


def activation(lab, name):
    """Returns the milliseconds from the start of the first process to active, by systemd's clock.
    """
    lab.run(f"systemctl start {name}")
    shown = lab.run(
        "systemctl show --value"
        f" --property=InactiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic {name}"
    )
    lab.run(f"systemctl stop {name}")
    began, active = sorted(int(word) for word in shown.split())
    return (active - began) / MICROSECONDS_A_MILLISECOND
