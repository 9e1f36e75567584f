"""Messages of 4,000 bytes as fast as possible: the rate, whether all arrive, and the work for each.

The work is counted, so it is the same on each machine."""

from measure import MINIMUM, Limit, Measure, Ratio, Row
from measures.million import rate
from relays import MINIMUM_PAIR, ONE_HOP, SOCAT, STRAIGHT, Ours, Traffic, carry

SIZE = 4000


class Bytes(Measure):
    order = 22
    rows = (
        Row(
            "rate", "messages of 4,000 bytes, as fast as they go", "thousand a second",
            Ratio(MINIMUM, least=0.5),
        ),
        Row("bytes", "the same, bytes", "MB a second"),
        Row("lost", "lost of these", "messages", Limit(0)),
        Row("misplaced", "out of their order", "messages", Limit(0)),
        Row("wrap faults", "wrap's page faults for each", "faults", Limit(0.2)),
        Row("wrap reads", "wrap's reads for each", "reads", Limit(0.1)),
        Row("wait faults", "wait's page faults for each", "faults", Limit(0.2)),
        Row("wait reads", "wait's reads for each", "reads", Limit(0.1)),
    )
    contenders = (Ours(options=("--rate=infinity",)), MINIMUM_PAIR, STRAIGHT, ONE_HOP, SOCAT)

    def run(self, bench, contender):
        traffic = Traffic(count=bench.pick(200_000, 20_000), interval=0, size=SIZE, limit=60)
        found = carry(bench, contender, traffic)
        found["rate"] = rate(found)
        found["bytes"] = found["rate"] and found["rate"] * SIZE / 1000
        if contender.role in ("ours", "minimum"):
            for process, counts in zip(("wait", "wrap"), found.pop("counts")):
                found.update({f"{process} {name}": count for name, count in counts.items()})
            return found
        return {key: found[key] for key in ("rate", "bytes")}
