"""The processor time of `wrap` while it waits for an app that is not ready."""

import os
import socket
import time

from measure import OURS, Contender, Limit, Measure, Row
from measures.probes import free_port
from processes import Process, cpu_seconds

SECONDS_A_MINUTE = 60
MILLISECONDS = 1000


class Waiting(Measure):
    order = 46
    rows = (
        Row("listen", "CPU time of wrap while it waits, listen", "ms a minute", Limit(50)),
        Row("tcp", "CPU time of wrap while it waits, tcp", "ms a minute"),
    )
    contenders = (Contender(OURS, "ours"),)
    rounds, quick_rounds = 3, 1

    def run(self, bench, contender):
        port = free_port()
        probes = {"listen": f"listen:{port}", "tcp": f"tcp:127.0.0.1:{port}"}
        return {kind: self.one(bench, probe) for kind, probe in probes.items()}

    def one(self, bench, probe):
        """Measures from the start on, as the checks are more frequent at first."""
        seconds = bench.pick(SECONDS_A_MINUTE, 10)
        with (
            bench.directory() as directory,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
            open(os.path.join(directory, "log"), "wb") as log,
        ):
            host = os.path.join(directory, "host.sock")
            manager.bind(host)
            words = [bench.notifybridge, "wrap", f"--ready-when={probe}", "sleep", "infinity"]
            process = Process(words, log, NOTIFY_SOCKET=host)
            try:
                time.sleep(seconds)
                used = cpu_seconds([process.pid])
            finally:
                process.end()
        return used * MILLISECONDS * SECONDS_A_MINUTE / seconds
