"""Process 1 with 1,000 timers that wait. Measures its start of the timers, how often it wakes up
while none of them elapses, and its memory."""

import contextlib
import os

from boxes import QUIET, TRUE, UNIT, write
from managers import InLab
from measure import OURS, Limit, Measure, Ratio, Row

SYSTEMD = "systemd"
MANY = 1000
SECONDS_A_MINUTE = 60
TARGET = "many-timers.target"
# Each of these timers first elapses long after the measurement.
TIMES = ("OnCalendar=*-01-01 00:00", "OnActiveSec=1h", "OnUnitInactiveSec=1d\nOnStartupSec=1w")


class Timers(Measure):
    order = 43
    rows = (
        Row("start", f"`systemctl start` to {MANY:,} timers active", "ms", Ratio(SYSTEMD, 1.0)),
        Row("wake-ups", f"wake-ups while {MANY:,} timers wait", "a minute", Limit(0)),
        Row("memory", f"memory of process 1 with {MANY:,} timers (PSS)", "KiB", Ratio(SYSTEMD, 1.0)),
    )
    contenders = (InLab(OURS, "ours", ours=True), InLab(SYSTEMD))
    rounds, quick_rounds = 3, 0

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        with contextlib.ExitStack() as stack:
            for each in contenders:
                stack.enter_context(each.booted(bench, ()))
                write_units(each.lab.units)
                each.lab.run(f"{each.systemctl} daemon-reload")
            yield

    def run(self, bench, contender):
        seconds, lab = bench.pick(10, 5), contender.lab
        took, pss = contender.start(bench, TARGET)
        lab.run("sleep 2")
        before = wake_ups(lab)
        lab.run(f"sleep {seconds}")
        found = {
            "start": took,
            "wake-ups": (wake_ups(lab) - before) * SECONDS_A_MINUTE / seconds,
            "memory": pss,
        }
        lab.run(f"{contender.systemctl} stop {TARGET} 'many-timers-*.timer'")
        return found


def wake_ups(lab):
    """Returns how often process 1 has waited and continued."""
    return int(lab.run("sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' /proc/1/status"))


def write_units(directory):
    links = ""
    for number in range(MANY):
        name = f"many-timers-{number}"
        times = TIMES[number % len(TIMES)]
        write(os.path.join(directory, f"{name}.timer"), f"{UNIT}[Timer]\n{times}\n")
        service = f"{UNIT}[Service]\nType=oneshot\n{QUIET}ExecStart={TRUE}\n"
        write(os.path.join(directory, f"{name}.service"), service)
        links += f"Wants={name}.timer\nAfter={name}.timer\n"
    write(os.path.join(directory, TARGET), UNIT + links)
