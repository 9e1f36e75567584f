"""Many containers that start at once on one processor: with `run`, and with podman alone."""

import os
import tempfile

from measure import OURS, Measure, Ratio, Row
from measures.activation import InLab
from processes import Failed, eventually

PODMAN = "podman"
IMAGE = "localhost/bench-many"
MOST = 1.05
MICROSECONDS = 1_000_000
PATIENCE = 900


class Many(Measure):
    order = 33
    rows = tuple(
        Row(f"{key}-{count}", f"{count} containers at once, {label}", "s", Ratio(PODMAN, MOST))
        for count in (50, 100)
        for key, label in (("time", "until all are active"), ("cpu", "CPU of all processes"))
    )
    contenders = (InLab(OURS, "ours"), InLab(PODMAN))
    rounds, quick_rounds = 3, 1
    only_by_name = True

    def run(self, bench, contender):
        """Measures one contender at a time, because all processor time of the lab counts."""
        if reason := bench.missing_in_lab("podman"):
            raise Failed(reason)
        found = {}
        for count in bench.pick((50, 100), (50,)):
            with bench.fresh_lab() as lab:
                make_image(lab)
                units = [f"many-{number}" for number in range(count)]
                for unit in units:
                    write_unit(bench, lab, contender.name, unit)
                lab.run("systemctl daemon-reload")
                found[f"time-{count}"], found[f"cpu-{count}"] = start_all(lab, units)
        return found


def make_image(lab):
    """Imports an image with links to the directories of /usr, which each container mounts."""
    with tempfile.TemporaryDirectory(dir=lab.units) as root:
        os.chmod(root, 0o755)
        for name in ("bin", "lib", "lib64", "sbin"):
            os.symlink(f"usr/{name}", os.path.join(root, name))
        for name in ("usr", "run", "etc", "proc", "sys", "dev", "tmp"):
            os.mkdir(os.path.join(root, name))
        lab.run(f"tar -C {root} -c . | podman import - {IMAGE} 2>&1")


def write_unit(bench, lab, contender, unit):
    words = ["/usr/bin/podman", *lab.podman(unit, "/usr")[1:], IMAGE, "sleep", "infinity"]
    if contender == OURS:
        words = [bench.notifybridge, "run", "--ready-when=start", *words]
    else:
        words.insert(words.index("run") + 1, "--sdnotify=conmon")
    with open(os.path.join(lab.units, unit + ".service"), "w", encoding="utf-8") as file:
        file.write(
            "[Unit]\nDefaultDependencies=no\n[Service]\nType=notify\nNotifyAccess=all\n"
            "CPUAffinity=0\nTimeoutStartSec=infinity\nTimeoutStopSec=2\n"
            f"ExecStart={' '.join(words)}\n"
        )


def start_all(lab, units):
    """Returns how long it takes until all units are active, and the processor time of the lab, in
    seconds. No process looks at the units meanwhile."""
    used = "$(sed -n 's/^usage_usec //p' /sys/fs/cgroup/cpu.stat)"
    done = os.path.join(lab.units, "done")
    begin, end = f"{done}.begin", f"{done}.end"
    lab.run(
        f"{{ echo ${{EPOCHREALTIME/./}} {used} >{begin}; systemctl start {' '.join(units)};"
        f" echo ${{EPOCHREALTIME/./}} {used} >{end}.new; mv {end}.new {end}; }} >/dev/null 2>&1 &"
    )
    eventually("all containers started", lambda: os.path.exists(end), PATIENCE)
    states = lab.run(f"systemctl is-active {' '.join(units)}").split()
    if any(state != "active" for state in states):
        raise Failed(f"only {states.count('active')} of {len(units)} containers are active")
    before, after = (read_numbers(path) for path in (begin, end))
    return [(then - now) / MICROSECONDS for now, then in zip(before, after)]


def read_numbers(path):
    with open(path, encoding="utf-8") as file:
        return [int(word) for word in file.read().split()]
