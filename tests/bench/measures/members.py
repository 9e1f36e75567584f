"""One wait with 20 members, and 20 separate bridges: 250 messages a second each, and then nothing.
"""

import time

from measure import Limit, Measure, Ratio, Row
from processes import memory, wait_for_quiet, wake_ups
from relays import Attached, Members, Traffic, carry

COUNT = 20
BRIDGES = Attached(f"{COUNT} bridges", "reference")
MICROSECONDS = 1_000_000
SECONDS_A_MINUTE = 60


class OfOneWait(Measure):
    order = 14
    rows = (
        Row("p50", f"{COUNT} members of one wait, median", "µs"),
        Row("cpu", f"{COUNT} members, CPU of wait a message", "µs", Ratio(BRIDGES.name, 1)),
        Row("memory", f"{COUNT} members, wait's own memory", "KiB", Ratio(BRIDGES.name, 1)),
        Row("wake-ups", f"{COUNT} members, wake-ups of wait while nothing happens", "a minute",
            Limit(0)),
    )  # fmt: skip
    contenders = (Members(COUNT), BRIDGES)

    def run(self, bench, contender):
        traffic = Traffic(
            count=bench.pick(6000, 1500) // COUNT,
            warm_up=bench.pick(1000, 500) // COUNT,
            interval=COUNT / 5000,
            bridges=COUNT,
        )
        found = carry(bench, contender, traffic, at_rest(bench))
        for key in ("p50", "cpu"):
            found[key] *= MICROSECONDS
        return found


def at_rest(bench):
    def look(pids):
        seconds = bench.pick(5, 2)
        wait_for_quiet(pids, 2)
        before = wake_ups(pids)
        time.sleep(seconds)
        return {
            "wake-ups": (wake_ups(pids) - before) * SECONDS_A_MINUTE / seconds,
            "memory": sum(memory(pid)["private"] for pid in pids),
        }

    return look
