"""Connections through a socket of systemd to an app that does not support such sockets: the first
byte of an answer, and a long answer."""

import contextlib
import os
import socket
import sys
import time

import figures
from measure import MINIMUM, OURS, Added, Contender, Measure, Ratio, Row
from processes import Failed, Process

ALONE = "app alone"
PROXYD = "/lib/systemd/systemd-socket-proxyd"
PATIENCE = 30
MILLISECONDS_A_SECOND = 1000
MEGABYTE = 1_000_000
LONG_ANSWER = 512 * MEGABYTE

# Prints its port. Answers with as many bytes as a client requests.
APP = """
import socket
listening = socket.create_server(("127.0.0.1", 0), backlog=100)
print(listening.getsockname()[1], flush=True)
piece = memoryview(bytes(1 << 20))
while True:
    client, _ = listening.accept()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    left = int(client.recv(100) or 0)
    while left > 0:
        left -= client.send(piece[:left])
    client.close()
"""

# Listens on a port, which it prints. Then executes the program with this socket, as systemd does.
ACTIVATE = """
import os, socket, sys
listening = socket.create_server(("127.0.0.1", 0), backlog=100)
print(listening.getsockname()[1], flush=True)
if listening.fileno() != 3:
    os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[1], sys.argv[1:])
"""


class Proxy(Measure):
    order = 36
    rows = (
        Row("first", "a connection through --proxy, to the first byte", "ms", Added(ALONE, 0.2)),
        Row("long", "an answer of 512 MB through --proxy", "MB a second", Ratio(ALONE, least=0.8)),
    )
    contenders = (
        Contender(OURS, "ours"),
        Contender(MINIMUM, "minimum"),
        Contender(ALONE, "reference"),
        Contender("systemd-socket-proxyd", program=PROXYD),
    )

    @contextlib.contextmanager
    def prepared(self, bench, contenders):
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with contextlib.ExitStack() as stack, bench.directory() as directory, manager:
            log = stack.enter_context(open(os.path.join(directory, "log"), "w", encoding="utf-8"))
            place = os.path.join(directory, "manager.sock")
            manager.bind(place)

            def start(code, *words):
                process = Process(
                    [sys.executable, "-c", code, *words],
                    log, capture=True, NOTIFY_SOCKET=place, RUNTIME_DIRECTORY=directory,
                )
                stack.callback(process.end)
                return int(process.stdout.readline())

            port = start(APP)
            commands = {
                OURS: [
                    bench.notifybridge, "wrap", f"--proxy=tcp:127.0.0.1:{port}",
                    "--ready-when=start", "/bin/sleep", "infinity",
                ],
                MINIMUM: [bench.program("floor-proxy"), str(port)],
                "systemd-socket-proxyd": [PROXYD, f"127.0.0.1:{port}"],
            }
            self.ports = {
                each.name: start(ACTIVATE, *commands[each.name]) if each.name != ALONE else port
                for each in contenders
            }
            yield

    def run(self, bench, contender):
        port = self.ports[contender.name]
        firsts = [ask(port, 1) for _ in range(bench.pick(500, 100))]
        seconds = ask(port, LONG_ANSWER)
        return {
            "first": figures.median(firsts) * MILLISECONDS_A_SECOND,
            "long": LONG_ANSWER / seconds / MEGABYTE,
        }


def ask(port, size):
    """Returns the time from the connection to the last byte of an answer of that size."""
    buffer = bytearray(1 << 18)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(str(size).encode())
        left = size
        while left > 0:
            received = client.recv_into(buffer)
            if received == 0:
                raise Failed(f"the answer ends {left} bytes early")
            left -= received
    return time.monotonic() - began
