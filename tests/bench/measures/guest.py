"""The time of 500 messages of a virtual machine, each over a separate connection. As sd_notify(3)
does, the guest waits until a connection is closed before it sends the next message."""

import contextlib
import os
import socket
import time

from measure import MINIMUM, OURS, Added, Contender, Measure, Row
from processes import Failed, Process, eventually, receiver

COUNT = 500
PATIENCE = 30
MILLISECONDS_A_SECOND = 1000


class Guest(Measure):
    order = 13
    rows = (
        Row(
            "time", "500 messages of a virtual machine, one after the other", "ms",
            Added(MINIMUM, 10),
        ),
    )
    contenders = (Contender(OURS, "ours"), Contender(MINIMUM, "minimum"))

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        with contextlib.ExitStack() as stack:
            directory = stack.enter_context(bench.directory())
            log = stack.enter_context(open(os.path.join(directory, "log"), "wb"))
            host = os.path.join(directory, "host.sock")
            stack.enter_context(receiver(bench, host, log))
            self.places = {each.name: os.path.join(directory, each.name) for each in contenders}
            for name, place in self.places.items():
                words = [bench.program("floor-guest"), place]
                if name == OURS:
                    words = [
                        bench.notifybridge, "wait", f"--listen=unix:{place}",
                        "/bin/sleep", "infinity",
                    ]
                stack.callback(Process(words, log, NOTIFY_SOCKET=host).end)
                eventually(f"{name} listens", lambda place=place: say(place, b"STATUS=hello"))
            yield

    def run(self, bench, contender):
        place = self.places[contender.name]
        began = time.monotonic()
        for number in range(COUNT):
            if not say(place, b"STATUS=message %d" % number):
                raise Failed(f"nothing listens at {place}")
        return {"time": (time.monotonic() - began) * MILLISECONDS_A_SECOND}


def say(place, message):
    """Sends a message, and waits until the connection is closed. Returns False if nothing
    listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as guest:
        guest.settimeout(PATIENCE)
        try:
            guest.connect(place)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        guest.sendall(message)
        guest.shutdown(socket.SHUT_WR)
        return guest.recv(1) == b""
