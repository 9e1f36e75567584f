"""How long it takes to build the executable from scratch."""

import os
import subprocess
import time

from measure import OURS, Contender, Measure, Row
from processes import Failed

SOURCE = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
LIMIT = 1200


class Build(Measure):
    order = 51
    rows = (Row("time", "build from clean", "s"),)
    contenders = (Contender(OURS, "ours"),)
    rounds = quick_rounds = 1
    only_by_name = True

    def run(self, bench, contender):
        env = {**os.environ, "CCACHE_DISABLE": "1"}
        with bench.directory_on_disk() as directory:
            started = time.monotonic()
            setup = ["meson", "setup", directory, SOURCE, "--buildtype=release", "-Dtests=false"]
            for command in (setup, ["ninja", "-C", directory, "notifybridge"]):
                result = subprocess.run(
                    command, env=env, capture_output=True, text=True, timeout=LIMIT, check=False
                )
                if result.returncode:
                    said = result.stdout[-1000:] + result.stderr[-1000:]
                    raise Failed(f"{' '.join(command)}: {said}")
            return {"time": time.monotonic() - started}
