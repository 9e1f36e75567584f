"""How often a bridge wakes up, and how much processor time it uses, while nothing happens."""

import contextlib
import time

from idlers import PEERS, together
from measure import OURS, Limit, Measure, Row
from processes import cpu_seconds, wait_for_quiet, wake_ups
from relays import MINIMUM_PAIR, POLLER, SOCAT, Ours

SECONDS_A_MINUTE = 60
MILLISECONDS = 1000


class Idle(Measure):
    order = 41
    rows = (
        Row("wake-ups", "wake-ups while nothing happens", "a minute", Limit(0)),
        Row("cpu", "CPU time while nothing happens", "ms a minute"),
    )
    contenders = (Ours(), MINIMUM_PAIR, SOCAT, POLLER, *PEERS)
    quick_rounds = 1

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        with together(bench, contenders) as self.pids:
            wait_for_quiet(self.pids[OURS], 2)
            yield

    def round(self, bench, contenders):
        """Measures all contenders at once, because idle contenders do not disturb each other."""
        seconds = bench.pick(12, 5)
        before = {each.name: self.look(each) for each in contenders}
        time.sleep(seconds)
        found = {}
        for each in contenders:
            wakes, cpu = (now - then for now, then in zip(self.look(each), before[each.name]))
            found[each.name] = {
                "wake-ups": wakes * SECONDS_A_MINUTE / seconds,
                "cpu": cpu * MILLISECONDS * SECONDS_A_MINUTE / seconds,
            }
        return found

    def look(self, contender):
        pids = self.pids[contender.name]
        return wake_ups(pids), cpu_seconds(pids)
