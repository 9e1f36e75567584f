"""How long a manager takes to start 100 and 1,000 units: oneshots, notify services, sockets.
Measured from the manager's own start and, for a running manager, from `systemctl start` of a
target."""

import contextlib

from managers import InLab, Init, Loop, OfDirectories, Supervisord
from measure import MINIMUM, OURS, Limit, Measure, Ratio, Row
from processes import Failed

NAMES = {"oneshot": "oneshots", "notify": "notify services", "sockets": "sockets"}
MANY = 1000
COUNTS = (100, MANY)
SYSTEMD, S6, RUNIT, SUPERVISOR = "systemd", "s6-svscan", "runsvdir", "supervisord"
MOST = {"oneshot": 1.3, "notify": 1.3, "sockets": 5}  # a multiple of the minimum
PEERS = {"oneshot": (SUPERVISOR,), "notify": (S6, RUNIT, SUPERVISOR), "sockets": ()}
MOST_MEMORY = 4096  # KiB


def make_rows():
    for kind, name in NAMES.items():
        for count in COUNTS:
            aims = [Ratio(MINIMUM, MOST[kind]), *(Ratio(peer, 1.0) for peer in PEERS[kind])]
            label = f"manager's start to {count:,} {name} active"
            yield Row(f"boot {kind} {count}", label, "ms", *aims)
    for kind, name in NAMES.items():
        for count in COUNTS:
            label = f"`systemctl start` to {count:,} {name} active"
            yield Row(f"start {kind} {count}", label, "ms", Ratio(SYSTEMD, 1.0))
    memory = f"memory of a manager of {MANY:,} notify services (PSS)"
    yield Row(f"memory {MANY}", memory, "KiB", Limit(MOST_MEMORY))
    yield Row("memory of one", "memory that one more notify service takes (PSS)", "KiB")


class Boot(Measure):
    order = 33
    rows = tuple(make_rows())
    contenders = (
        Init(OURS, "ours"),
        Loop(MINIMUM, "minimum"),
        InLab(SYSTEMD),
        OfDirectories(S6, S6, "-c", str(MANY)),
        OfDirectories(RUNIT, RUNIT),
        Supervisord(SUPERVISOR, program=SUPERVISOR),
    )
    rounds, quick_rounds = 3, 1

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        """Boots a lab for each manager that is process 1. These are the installed systemd and
        notifybridge."""
        self.cases = [(kind, count) for kind in NAMES for count in bench.pick(COUNTS, COUNTS[:1])]
        self.in_labs = [each for each in contenders if isinstance(each, InLab)]
        if self.in_labs:
            self.in_labs.append(InLab(OURS, "ours", ours=True))
        with contextlib.ExitStack() as stack:
            for each in self.in_labs:
                stack.enter_context(each.booted(bench, self.cases))
            yield

    def round(self, bench, contenders):
        """Measures the contenders of a comparison one after the other, so that the machine is in
        the same state for all of them."""
        found = {each.name: {} for each in contenders}
        for kind, count in self.cases:
            for each in contenders:
                if each not in self.in_labs and each.takes(kind, count):
                    took, memory = self.attempt(bench, each, each.boot, kind, count)
                    found[each.name][f"boot {kind} {count}"] = took
                    if memory:
                        found[each.name][f"memory {count}"] = memory
            for each in self.in_labs:
                took, memory = self.attempt(bench, each, each.activate, kind, count)
                found[each.name][f"start {kind} {count}"] = took
                if memory and each.role != "ours":
                    found[each.name][f"memory {count}"] = memory
        for figures in found.values():
            memories = [figures.get(f"memory {count}") for count in COUNTS]
            if all(memories):
                figures["memory of one"] = (memories[1] - memories[0]) / (COUNTS[1] - COUNTS[0])
        # Start the large boxes only once, because each takes seconds.
        self.cases = [case for case in self.cases if case[1] != MANY]
        return found

    def attempt(self, bench, contender, measured, *case):
        try:
            return measured(bench, *case)
        except Failed as failure:
            if contender.role == "ours":
                raise
            bench.say(f"{contender.name}: {failure}")
            return None, None
