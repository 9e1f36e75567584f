"""The time that `runtime` adds to a call of an OCI runtime, and to `podman run`."""

import contextlib
import json
import os

import figures
from measure import OURS, Added, Contender, Measure, Row
from processes import Failed
from timed import time_in_turn

ALONE = "real runtime alone"
MICROSECONDS_A_MILLISECOND = 1000
SECONDS = 1000  # in milliseconds
TRUE = "/bin/true"
# podman's config.json has about the same size. Most of it is the list of system calls.
CONFIG = {
    "ociVersion": "1.0.2-dev",
    "process": {
        "user": {"uid": 0, "gid": 0},
        "args": [TRUE],
        "env": ["PATH=/usr/bin", "NOTIFYBRIDGE_OPTIONS="],
        "cwd": "/",
    },
    "root": {"path": "rootfs"},
    "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
    "linux": {
        "seccomp": {
            "defaultAction": "SCMP_ACT_ERRNO",
            "syscalls": [
                {"names": [f"system_call_{number}" for number in range(400)],
                 "action": "SCMP_ACT_ALLOW", "args": []},
            ],
        }
    },
}  # fmt: skip


class Runtime(Measure):
    order = 33
    rows = (
        Row("create", "runtime create, with true as the real one", "ms", Added(ALONE, 2)),
        Row("start", "runtime start, with true as the real one", "ms", Added(ALONE, 2)),
        Row("podman", "podman run around wrap and true", "ms", Added(ALONE, 2)),
    )
    contenders = (Contender(OURS, "ours"), Contender(ALONE, "reference"))

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        self.has_podman = not (reason := bench.missing_in_lab("podman"))
        if reason:
            bench.leave_out("runtime in podman", reason)
        else:
            prepare_podman(bench)
        # Use a disk, as podman does, because replacing a file is slowest on a disk.
        with bench.directory_on_disk() as self.bundle:
            for name in ("fresh", "config.json"):
                with open(os.path.join(self.bundle, name), "w", encoding="ascii") as file:
                    json.dump(CONFIG, file)
            yield

    def round(self, bench, contenders):
        found = {OURS: {}, ALONE: {}}
        for (name, key), time in time_in_turn(bench, self.calls(bench)).items():
            if name:
                found[name][key] = time / MICROSECONDS_A_MILLISECOND
        if self.has_podman:
            times = {each.name: [] for each in contenders}
            for _ in range(bench.pick(10, 3)):
                for each in contenders:
                    times[each.name].append(podman_run(bench, each.name))
            for name, values in times.items():
                found[name]["podman"] = figures.median(values)
        return found

    def calls(self, bench):
        """Returns the command lines to measure. `runtime` changes a config.json only once, so each
        call gets another file. No file is removed: after many removals, ext4 takes longer to find
        free entries."""
        anew = "cd $0; mv config.json old-$$; cp fresh new-$$; ln new-$$ config.json"
        runtime = [bench.notifybridge, "runtime", f"--runtime={TRUE}"]
        create = ["create", f"--bundle={self.bundle}", "name"]
        start = ["start", "name"]
        return {
            ("", ""): ["/bin/sh", "-c", anew, self.bundle],
            (OURS, "create"): [*runtime, *create],
            (ALONE, "create"): [TRUE, *create],
            (OURS, "start"): [*runtime, *start],
            (ALONE, "start"): [TRUE, *start],
        }


def prepare_podman(bench):
    bench.lab().run(
        "mkdir -p /run/bench-runtime/shared"
        f" && ln -sfn {bench.notifybridge} /run/bench-runtime/crun"
    )


def podman_run(bench, contender):
    """Returns the time of `podman run` in milliseconds. Each contender runs wrap around true."""
    shared = "/run/bench-runtime/shared"
    lab = bench.lab()
    words = [*lab.podman("bench-runtime", shared), f"--env=SHARED_DIR={shared}"]
    command = [bench.notifybridge, "wrap", TRUE]
    if contender == OURS:
        words.insert(1, "--runtime=/run/bench-runtime/crun")
        words.append("--env=NOTIFYBRIDGE_OPTIONS=")
        command = [TRUE]
    line = " ".join([*words, "--rootfs", "/:O", *command])
    shown = lab.run(
        f"before=$EPOCHREALTIME; {line} </dev/null >/dev/null 2>&1"
        " && echo $before $EPOCHREALTIME"
    )
    if not shown.strip():
        raise Failed(f"podman failed: {line}")
    before, after = map(float, shown.split())
    return (after - before) * SECONDS
