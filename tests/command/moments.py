"""Helps tests of single moments: a `wait` whose service manager is the test, and a `wrap`."""

import os
import signal
import socket

import bridge
from runtime import Container
from shared_dir import read_host, read_records


class Case(bridge.Case):

    def setUp(self):
        super().setUp()
        self.manager_path = self.path("manager")
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(self.manager_path)
        self.manager.settimeout(bridge.PATIENCE)
        self.container = Container(self.dir, self.shared)

    def host(self):
        with open(os.path.join(self.shared, "host"), "rb") as file:
            return read_host(file.read())

    def records(self):
        with open(self.container.journal, "rb") as file:
            return list(read_records(file.read()))

    def attach(self, *options):
        """Starts a `wait`, always with the same invocation, and returns when it is attached."""
        waiting = self.start(
            bridge.WAIT, "--keep", *options, NOTIFY_SOCKET=self.manager_path, INVOCATION_ID="1" * 32
        )
        bridge.eventually(
            "wait is there",
            lambda: os.path.exists(os.path.join(self.shared, "host"))
            and self.host()[2]["PID"] == str(waiting.pid),
        )
        return waiting

    def start_wrap(self):
        """Starts a `wrap` whose app sends only the messages that `say` passes to it. Returns when
        `wrap` accepts messages."""
        wrap = self.start(bridge.WRAP, *bridge.IDLE)

        def is_up():
            header = self.container.header()
            try:
                self.say()
            except (FileNotFoundError, ConnectionRefusedError):
                return False
            return header is not None and header["pid"] == wrap.pid

        bridge.eventually("wrap takes messages", is_up)
        return wrap

    def say(self, *messages):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(os.path.join(self.shared, "notify.sock"))
            for message in messages:
                sender.send(message)

    def say_and_see_journaled(self, *messages):
        self.say(*messages)
        bridge.eventually(
            "it is in the journal",
            lambda: [record["payload"] for record in self.records()][-1:] == [messages[-1]],
        )

    def kill(self, process):
        process.signal(signal.SIGKILL)
        process.wait()

    def hear(self):
        """Returns the next message. A barrier before it counts as processed, because its descriptor
        is not kept."""
        while True:
            payload = self.manager.recv(8192)
            if payload != b"BARRIER=1":
                return payload

    @staticmethod
    def numbered(count, size):
        return [b"X_NUMBER=%d\nX_LONG=" % number + b"x" * size for number in range(count)]

    def assert_heard(self, heard, wanted):
        """Checks that two lists of messages are equal, and prints a short text if not."""
        self.assertEqual([m.split(b"\n")[0] for m in heard], [m.split(b"\n")[0] for m in wanted])
        self.assertEqual(heard, wanted)

    def hear_until(self, last):
        heard = []
        while not heard or heard[-1] != last:
            heard.append(self.hear())
        return heard

    def hear_barrier(self, *before):
        """Returns the descriptor of the next barrier. Checks that exactly these messages come
        before it."""
        heard = []
        while True:
            payload, fds, _, _ = socket.recv_fds(self.manager, 8192, 1)
            if payload == b"BARRIER=1":
                self.assertEqual(heard, list(before))
                return fds[0]
            heard.append(payload)
