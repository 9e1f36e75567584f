"""The processor time of a container's health check: with `wrap`, and with podman's own timer."""

import os
import time

from measure import OURS, Measure, Ratio, Row
from measures.activation import InLab
from processes import Failed, eventually

PODMAN = "podman"
MICROSECONDS_A_MILLISECOND = 1000
SECONDS = 10
QUICK_SECONDS = 5
PLACE = "/run/bench-health"
# Each check appends one byte to a file.
CHECKS = f"{PLACE}/checks"


class Health(Measure):
    order = 42
    rows = (Row("cpu", "a container's health check, CPU of all processes", "ms", Ratio(PODMAN, 0.1)),)
    contenders = (InLab(OURS, "ours"), InLab(PODMAN))
    rounds, quick_rounds = 3, 1

    def run(self, bench, contender):
        """Measures one contender at a time, because all processor time of the lab counts."""
        if reason := bench.missing_in_lab("podman"):
            raise Failed(reason)
        lab = bench.lab()
        # podman can only check a few containers each second on two processors.
        units = [f"health-{number}" for number in range(bench.pick(8, 2))]
        lab.run(f"mkdir -p {PLACE} && : >{CHECKS}")
        for unit in units:
            write_unit(bench, lab, contender.name, unit)
        lab.run(f"systemctl daemon-reload; systemctl start {' '.join(units)}")
        eventually("the checks run", lambda: count(lab) > 2 * len(units))
        try:
            return {"cpu": cost_of_a_check(lab, bench.pick(SECONDS, QUICK_SECONDS))}
        finally:
            lab.run(f"systemctl stop {' '.join(units)}")


def write_unit(bench, lab, contender, unit):
    words = lab.podman(unit, PLACE)
    words[0] = "/usr/bin/podman"
    if contender == OURS:
        words = [bench.notifybridge, "run", *words]
    else:
        words.append("--sdnotify=conmon")
    words += [f"'--health-cmd=echo -n . >>{CHECKS}'", "--health-interval=1s"]
    words += ["--rootfs", "/:O", "sleep", "infinity"]
    with open(os.path.join(lab.units, unit + ".service"), "w", encoding="utf-8") as file:
        file.write(
            "[Unit]\nDefaultDependencies=no\nStartLimitIntervalSec=0\n[Service]\nType=notify\n"
            "KillMode=mixed\nNotifyAccess=all\nTimeoutStopSec=2\n"
            f"ExecStart={' '.join(words)}\n"
        )


def cost_of_a_check(lab, seconds):
    """Returns the processor time that all processes in the lab use for a check, in milliseconds."""
    before = used(lab), count(lab)
    time.sleep(seconds)
    cpu, checks = (now - then for now, then in zip((used(lab), count(lab)), before))
    if not checks:
        raise Failed("there were no checks")
    return cpu / checks / MICROSECONDS_A_MILLISECOND


def used(lab):
    """Returns the processor time that the lab has used, in microseconds."""
    return int(lab.run("sed -n 's/^usage_usec //p' /sys/fs/cgroup/cpu.stat"))


def count(lab):
    return int(lab.run(f"stat --format=%s {CHECKS}"))
