"""Boxes of many units. A box has the units' files, and the directory in which a manager starts
the units."""

import os
import socket

from processes import Failed, Process

TRUE = "/bin/true"
PATIENCE = 60
EXEC_START = {
    "oneshot": f"Type=oneshot\nExecStart={TRUE}\n",
    "notify": "Type=notify\nExecStart={app} ready\n",
    "sockets": f"ExecStart={TRUE}\n",
}
# The box has no journal. Without these lines, systemd would try to connect to the journal for each
# service.
QUIET = "StandardOutput=null\nStandardError=null\n"
UNIT = "[Unit]\nDefaultDependencies=no\n"


def target_of(kind, count):
    return f"boot-{kind}-{count}.target"


def write_units(bench, kind, count, units, sockets):
    """Writes a target to the directory UNITS, and units that it needs. Socket units listen in the
    directory SOCKETS."""
    command = EXEC_START[kind].format(app=bench.program("bench-app"))
    service = f"{UNIT}StartLimitIntervalSec=0\n[Service]\n{QUIET}{command}"
    wanted = "socket" if kind == "sockets" else "service"
    links = ""
    for number in range(count):
        name = f"boot-{kind}-{count}-{number}"
        write(os.path.join(units, f"{name}.service"), service)
        if kind == "sockets":
            listen = f"[Socket]\nListenStream={sockets}/{number}\nRemoveOnStop=yes\n"
            write(os.path.join(units, f"{name}.socket"), UNIT + listen)
        links += f"Wants={name}.{wanted}\nAfter={name}.{wanted}\n"
    write(os.path.join(units, target_of(kind, count)), UNIT + links)


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


class Box:
    """The units that a manager starts, in a fresh DIRECTORY, and a socket there that receives
    READY=1."""

    def __init__(self, kind, count, directory, stack):
        self.kind = kind
        self.count = count
        self.units = os.path.join(directory, "units")
        self.sockets = os.path.join(directory, "s")
        self.directory = directory
        for path in (self.units, self.sockets):
            os.mkdir(path)
        self.host = os.path.join(directory, "host.sock")
        self._log = stack.enter_context(open(os.path.join(directory, "log"), "wb"))
        self._told = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self._told.bind(self.host)
        self._told.settimeout(PATIENCE)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def process(self, *command, capture=False):
        words = [str(word) for word in command]
        return Process(words, self._log, capture, NOTIFY_SOCKET=self.host)

    def await_ready(self, count=1):
        """Returns when this many READY=1 were received."""
        while count:
            try:
                message = self._told.recv(4096)
            except TimeoutError:
                raise Failed(f"no READY=1 within {PATIENCE} s") from None
            count -= b"READY=1" in message.split(b"\n")
