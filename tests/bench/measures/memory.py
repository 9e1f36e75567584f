"""Resident, proportional and private memory of each process while nothing happens."""

from measure import MINIMUM, Limit, Measure, Row
from idlers import PEERS, together
from processes import memory, wait_for_quiet
from relays import MINIMUM_PAIR, Ours

# A quarter of a megabyte, in KiB.
MOST = 244


class Memory(Measure):
    order = 40
    rows = (
        Row("wrap private", "wrap's own memory (Private_Dirty)", "KiB", Limit(MOST)),
        Row("wrap pss", "wrap's proportional memory (PSS)", "KiB"),
        Row("wrap rss", "wrap's resident memory (RSS)", "KiB"),
        Row("wait private", "wait's own memory (Private_Dirty)", "KiB", Limit(MOST)),
        Row("wait pss", "wait's proportional memory (PSS)", "KiB"),
        Row("wait rss", "wait's resident memory (RSS)", "KiB"),
    )
    contenders = (Ours(), MINIMUM_PAIR, *PEERS)
    quick_rounds = 1

    def round(self, bench, contenders):
        with together(bench, contenders) as pids:
            wait_for_quiet(pids[MINIMUM] + pids["notifybridge"], 1.5)
            return {each.name: figures_of(pids[each.name]) for each in contenders}


def figures_of(pids):
    """Returns the memory of wrap and wait. For a peer, the process between the app and its
    container counts as wrap."""
    found = {}
    for role, pid in zip(("wrap", "wait"), reversed(pids)):
        found.update({f"{role} {key}": value for key, value in memory(pid).items()})
    return found
