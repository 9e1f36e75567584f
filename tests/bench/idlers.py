"""Contenders side by side. Each has an app that is ready and sends nothing more."""

import contextlib
import os

from measure import Command
from processes import Process, receiver
from relays import Place, Relay

# These wrappers could replace wrap, although they carry no messages.
PEERS = (
    Command("tini", "tini", "--"),
    Command("tini-static", "tini-static", "--"),
    Command("dumb-init", "dumb-init", "--"),
    Command("catatonit", "catatonit", "--"),
)


@contextlib.contextmanager
def together(bench, contenders):
    """Starts all contenders. Yields the pids of each by its name."""
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(bench.directory())
        log = stack.enter_context(open(os.path.join(directory, "log"), "wb"))
        host = os.path.join(directory, "host.sock")
        stack.enter_context(receiver(bench, host, log))
        pids = {}
        for number, contender in enumerate(contenders):
            own = os.path.join(directory, str(number))
            os.mkdir(own, 0o755)
            app = [bench.program("bench-app"), "ready"]
            if isinstance(contender, Relay):
                pids[contender.name] = contender.start(bench, Place(own, host, app, log), stack)
            else:
                wrapper = Process([*contender.words, *app], log, NOTIFY_SOCKET=host)
                stack.callback(wrapper.end)
                pids[contender.name] = [wrapper.pid]
        yield pids
