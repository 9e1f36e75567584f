"""How long a message takes through one bridge, and how much processor time, at 5,000 a second."""

from measure import MINIMUM, Measure, Ratio, Row
from relays import CONMON, MINIMUM_PAIR, ONE_HOP, SOCAT, STRAIGHT, Ours, Traffic, carry

MICROSECONDS = 1_000_000


def paced(bench, relay, bridges):
    """Sends 5,000 messages a second in total, evenly paced, through this many bridges."""
    traffic = Traffic(
        count=bench.pick(6000, 1500) // bridges,
        warm_up=bench.pick(1000, 500) // bridges,
        interval=bridges / 5000,
        bridges=bridges,
    )
    found = carry(bench, relay, traffic)
    return {key: found[key] * MICROSECONDS for key in ("p50", "p99", "max", "cpu")}


class Relay(Measure):
    order = 10
    rows = (
        Row(
            "p50", "one bridge, median", "µs",
            Ratio(MINIMUM, 1.2), Ratio("socat", 1), Ratio("conmon", 1),
        ),
        Row(
            "p99", "one bridge, 99 of 100", "µs",
            Ratio(MINIMUM, 1.5), Ratio("socat", 1), Ratio("conmon", 1),
        ),
        Row("max", "one bridge, longest", "µs"),
        Row("cpu", "one bridge, CPU a message", "µs", Ratio(MINIMUM, 1.5)),
    )
    contenders = (Ours(), MINIMUM_PAIR, STRAIGHT, ONE_HOP, SOCAT, CONMON)

    def run(self, bench, contender):
        found = paced(bench, contender, 1)
        if contender is STRAIGHT:
            del found["cpu"]  # Without a relay, no process uses this time.
        return found
