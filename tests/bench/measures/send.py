"""The time of `send READY=1` from its start to its end, when the message was processed."""

import contextlib
import os

from measure import MINIMUM, OURS, Command, Contender, Measure, Ratio, Row
from processes import receiver
from timed import time_in_turn


class Send(Measure):
    order = 31
    rows = (Row("time", "send READY=1", "µs", Ratio("systemd-notify", 0.5), Ratio(MINIMUM, 1.3)),)
    contenders = (
        Contender(OURS, "ours"),
        Contender(MINIMUM, "minimum"),
        Command("systemd-notify", "systemd-notify"),
    )

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        with bench.directory() as directory, open(os.path.join(directory, "log"), "wb") as log:
            self.host = os.path.join(directory, "host.sock")
            with receiver(bench, self.host, log):
                yield

    def round(self, bench, contenders):
        ours = {OURS: [bench.notifybridge, "send"], MINIMUM: [bench.program("floor-send")]}
        commands = {
            each.name: [*(ours.get(each.name) or each.words), "READY=1"] for each in contenders
        }
        times = time_in_turn(bench, commands, NOTIFY_SOCKET=self.host)
        return {name: {"time": time} for name, time in times.items()}
