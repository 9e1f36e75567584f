"""A million messages as fast as possible: the rate, whether all arrive, and the memory."""

from measure import MINIMUM, Limit, Measure, Ratio, Row
from processes import memory, wait_for_quiet
from relays import MINIMUM_PAIR, ONE_HOP, SOCAT, STRAIGHT, Ours, Traffic, carry


class Million(Measure):
    order = 21
    rows = (
        Row("rate", "as fast as they go", "thousand a second", Ratio(MINIMUM, least=0.9)),
        Row("lost", "lost of these", "messages", Limit(0)),
        Row("misplaced", "out of their order", "messages", Limit(0)),
        Row("wrap", "wrap's own memory after these", "KiB", Limit(244)),
        Row("wait", "wait's own memory after these", "KiB", Limit(244)),
    )
    # Remove the rate limit. By default, a container may not send that many messages.
    contenders = (Ours(options=("--rate=infinity",)), MINIMUM_PAIR, STRAIGHT, ONE_HOP, SOCAT)

    def run(self, bench, contender):
        count = bench.pick(1_000_000, 100_000)
        if contender.role not in ("ours", "minimum"):
            # Only the rate of these contenders is needed, so fewer messages suffice. All messages
            # would take minutes with socat.
            found = carry(bench, contender, Traffic(count=count // 5, interval=0))
            return {"rate": rate(found)}
        found = carry(bench, contender, Traffic(count=count, interval=0, limit=60), at_end(bench))
        return {**found, "rate": rate(found)}


def rate(found):
    """Returns the rate of received messages in thousands a second, even if others were lost."""
    return found["measured"] / found["took"] / 1000 if found["took"] else None


def at_end(bench):
    def look(pids):
        wait_for_quiet(pids, bench.pick(1.5, 0.3))
        wait, wrap = (memory(pid)["private"] for pid in pids)
        return {"wait": wait, "wrap": wrap}

    return look
