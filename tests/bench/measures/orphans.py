"""The processor time that process 1 uses for orphans that end at once. Process 1 becomes the
parent of each orphan, and reaps it."""

import contextlib

from managers import InLab
from measure import OURS, Measure, Ratio, Row

SYSTEMD = "systemd"
NANOSECONDS_A_MILLISECOND = 1_000_000


class Orphans(Measure):
    order = 34
    rows = (Row("cpu", "10,000 orphans, CPU of process 1", "ms", Ratio(SYSTEMD, 1.0)),)
    contenders = (InLab(OURS, "ours", ours=True), InLab(SYSTEMD))
    rounds, quick_rounds = 3, 0

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        with contextlib.ExitStack() as stack:
            for each in contenders:
                stack.enter_context(each.booted(bench, ()))
            yield

    def run(self, bench, contender):
        before = used(contender.lab)
        contender.lab.run("for ((at = 0; at < 10000; at++)); do (: &); done; sleep 1")
        return {"cpu": (used(contender.lab) - before) / NANOSECONDS_A_MILLISECOND}


def used(lab):
    """Returns the processor time of process 1 in nanoseconds, which is the first figure of
    sched(5)."""
    return int(lab.run("cut -d ' ' -f 1 /proc/1/schedstat"))
