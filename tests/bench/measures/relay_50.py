"""How long a message takes through one of 50 bridges, with 100 messages a second each."""

from measure import MINIMUM, Measure, Ratio, Row
from measures.relay import paced
from relays import MINIMUM_PAIR, SOCAT, Ours

BRIDGES = 50
ONE = Ours("one bridge", "reference")


class Relay50(Measure):
    order = 12
    rows = (
        Row("p50", f"{BRIDGES} bridges, median", "µs", Ratio(ONE.name, 1.5), Ratio(MINIMUM, 1.2)),
        Row("p99", f"{BRIDGES} bridges, 99 of 100", "µs", Ratio(MINIMUM, 1.5)),
        Row("max", f"{BRIDGES} bridges, longest", "µs"),
    )
    contenders = (Ours(), MINIMUM_PAIR, ONE, SOCAT)

    def run(self, bench, contender):
        return paced(bench, contender, 1 if contender is ONE else BRIDGES)
