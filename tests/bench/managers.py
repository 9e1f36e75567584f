"""Managers of many units. Each starts all units of a box."""

import contextlib
import os
import signal
import subprocess
import time

from boxes import PATIENCE, TRUE, Box, target_of, write, write_units
from measure import Contender
from processes import Failed, children_of, memory

MILLISECONDS = 1000
NANOSECONDS_A_MILLISECOND = 1_000_000
# Change times of directories have the resolution of the kernel's tick. If a directory changed
# within the last tick, `init` reads it again for each unit. This does not happen at a real boot.
TICK = 0.01


class Manager(Contender):
    """A manager that is started with its units."""

    kinds = ("oneshot", "notify", "sockets")
    most = 1000

    def takes(self, kind, count):
        return kind in self.kinds and count <= self.most

    def prepare(self, bench, box):
        """Writes the files that the manager reads."""

    def start(self, bench, box):
        raise NotImplementedError

    def await_all(self, box, process):
        """Returns when all units are active."""
        box.await_ready()

    def end(self, process):
        process.end()

    def pids(self, process):
        """Returns the pids of the manager itself, without those of the units."""
        return [process.pid]

    def boot(self, bench, kind, count):
        """Measures the start in milliseconds. If programs stay, also measures the manager's memory
        in KiB."""
        with contextlib.ExitStack() as stack:
            box = Box(kind, count, stack.enter_context(bench.directory()), stack)
            self.prepare(bench, box)
            time.sleep(TICK)
            started = time.monotonic()
            process = self.start(bench, box)
            stack.callback(self.end, process)
            self.await_all(box, process)
            took = (time.monotonic() - started) * MILLISECONDS
            if kind != "notify":
                return took, None
            return took, sum(memory(pid)["pss"] for pid in self.pids(process))


class Init(Manager):
    def prepare(self, bench, box):
        write_units(bench, box.kind, box.count, box.units, box.sockets)

    def start(self, bench, box):
        where = f"--root={box.directory}", f"--unit-path={box.units}"
        target = target_of(box.kind, box.count)
        return box.process(bench.notifybridge, "init", *where, f"--unit={target}")

    def end(self, process):
        """Ends `init` with SIGTERM. If it were killed, its control groups would stay."""
        process.signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.end()


class Loop(Manager):
    """The minimum: posix_spawn. Starts as many programs at once as there are processors."""

    def start(self, bench, box):
        floor, app = bench.program("floor-boot"), bench.program("bench-app")
        command = {
            "oneshot": [bench.program("floor-spawn"), "many", box.count, TRUE],
            "notify": [floor, "ready", box.path("ready.sock"), box.count, app, "ready"],
            "sockets": [floor, "sockets", box.sockets, box.count],
        }
        return box.process(*command[box.kind])

    def await_all(self, box, process):
        if box.kind == "oneshot":
            process.wait(PATIENCE)
        else:
            box.await_ready()


class OfDirectories(Manager):
    """A supervisor that gets a directory with a program `run` for each service. The supervisor
    starts one more process for each service, and does not support programs that end. Programs send
    READY=1 to the benchmark, and not to the supervisor."""

    kinds = ("notify",)

    def __init__(self, name, *words):
        super().__init__(name, program=words[0])
        self.words = words

    def prepare(self, bench, box):
        for number in range(box.count):
            directory = box.path("scan", str(number))
            os.makedirs(directory)
            run = os.path.join(directory, "run")
            write(run, f"#!{bench.program('bench-app')} ready\n", 0o755)

    def start(self, bench, box):
        return box.process(*self.words, box.path("scan"))

    def await_all(self, box, process):
        box.await_ready(box.count)

    def end(self, process):
        process.end_supervisor()

    def pids(self, process):
        return [process.pid, *children_of(process.pid)]


class Supervisord(Manager):
    """supervisor(1), which also does not receive READY=1. It logs the end of each program, and
    takes a minute to start a thousand programs."""

    kinds = ("oneshot", "notify")
    most = 100

    def prepare(self, bench, box):
        command = {"oneshot": TRUE, "notify": f"{bench.program('bench-app')} ready"}[box.kind]
        write(
            box.path("conf"),
            "[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\n"
            f"minfds={4 * box.count}\npidfile={box.path('pid')}\n"
            f"[program:many]\ncommand={command}\nnumprocs={box.count}\n"
            "process_name=%(process_num)d\nstartsecs=0\nautorestart=false\n"
            "stdout_logfile=NONE\nstderr_logfile=NONE\n",
        )

    def start(self, bench, box):
        words = self.program, "--configuration", box.path("conf")
        return box.process(*words, capture=box.kind == "oneshot")

    def await_all(self, box, process):
        if box.kind == "notify":
            box.await_ready(box.count)
            return
        ended = 0
        while ended < box.count:
            line = process.stdout.readline()
            if not line:
                raise Failed("it ends before its programs")
            ended += b" exited: " in line


class InLab(Contender):
    """A manager that is process 1 of a lab and starts a target on request."""

    def __init__(self, name, role="peer", ours=False):
        super().__init__(name, role)
        self.ours = ours

    def missing(self, bench):
        return bench.missing_in_lab()

    @contextlib.contextmanager
    def booted(self, bench, cases):
        """Boots a lab that has the units for these cases. Other measures do not use this lab."""
        manager = bench.notifybridge if self.ours else ""
        self.systemctl = f"{manager} ctl" if self.ours else "systemctl"
        with bench.fresh_lab(manager) as self.lab:
            for kind, count in cases:
                write_units(bench, kind, count, self.lab.units, f"/run/boot-{count}")
            self.lab.run(f"{self.systemctl} daemon-reload")
            yield

    def activate(self, bench, kind, count):
        """Measures `start` in milliseconds. If programs stay, also measures the memory of process
        1 in KiB."""
        target = target_of(kind, count)
        took, pss = self.start(bench, target)
        self.lab.run(f"{self.systemctl} stop {target} 'boot-{kind}-{count}-*'")
        return took, pss if kind == "notify" else None

    def start(self, bench, target):
        """Measures `start` in milliseconds, and then the memory of process 1 in KiB (PSS)."""
        start = f"{self.systemctl} start {target}"
        took = self.lab.run(f"{bench.program('floor-spawn')} time 1 {start}")
        pss = self.lab.run("sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' /proc/1/smaps_rollup")
        if not took.strip():
            raise Failed(f"{start} printed no time")
        return int(took) / NANOSECONDS_A_MILLISECOND, int(pss)
