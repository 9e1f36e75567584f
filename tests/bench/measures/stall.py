"""The app's longest send() while the host does not read for a second."""

from measure import Limit, Measure, Row
from relays import CONMON, MINIMUM_PAIR, ONE_HOP, SOCAT, STRAIGHT, Ours, Traffic, carry

MILLISECONDS = 1000


class Stall(Measure):
    order = 20
    rows = (
        Row(
            "longest", "the app's longest send() while the host reads nothing for 1 s", "ms",
            Limit(2),
        ),
        Row("lost", "lost of these 6,000", "messages", Limit(0)),
    )
    contenders = (Ours(), MINIMUM_PAIR, STRAIGHT, ONE_HOP, SOCAT, CONMON)
    quick_rounds = 1

    def run(self, bench, contender):
        # If a send() has not returned three seconds after the stall, it never will.
        traffic = Traffic(count=6000, interval=0.0002, stall=1, limit=3 + 6000 * 0.0002)
        found = carry(bench, contender, traffic)
        return {"longest": found["longest"] * MILLISECONDS, "lost": found["lost"]}
