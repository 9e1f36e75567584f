"""The size of the executable, including init."""

import os
import shutil

from measure import MINIMUM, OURS, Command, Contender, Limit, Measure, Row

BYTES_A_MEGABYTE = 1_000_000
PROGRAMS = (
    *("tini", "tini-static", "dumb-init", "catatonit"),
    *("socat", "systemd-notify", "conmon", "podman"),
)


class Size(Measure):
    order = 50
    rows = (Row("size", "executable, without its shared libraries", "MB", Limit(4.2)),)
    contenders = (
        Contender(OURS, "ours"),
        Contender(MINIMUM, "minimum"),
        *(Command(name, name) for name in PROGRAMS),
    )
    rounds = quick_rounds = 1

    def run(self, bench, contender):
        path = {OURS: bench.notifybridge, MINIMUM: bench.program("floor-relay")}.get(contender.name)
        path = path or shutil.which(contender.name)
        return {"size": os.path.getsize(path) / BYTES_A_MEGABYTE}
