"""How long a single message takes at a random time, compared with polling a status file."""

from measure import MINIMUM, Measure, Row
from relays import MINIMUM_PAIR, POLLER, SOCAT, Ours, Traffic, carry

MILLISECONDS = 1000
BRIDGES = 20


class Ready(Measure):
    order = 13
    rows = (
        Row("p50", "one message out of the quiet, median", "ms"),
        Row("max", "one message out of the quiet, longest", "ms"),
    )
    contenders = (Ours(), MINIMUM_PAIR, SOCAT, POLLER)
    quick_rounds = 1

    def run(self, bench, contender):
        # Spread the messages over the time that the poller sleeps.
        found = carry(bench, contender, Traffic(count=1, interval=0.5, bridges=BRIDGES))
        return {key: found[key] * MILLISECONDS for key in ("p50", "max")}
