#!/usr/bin/python3
"""A container replaces the lane, the socket for file descriptors, or answers on the lane in wrong
ways.

`wait` must connect only to a socket in the shared directory. Everything that needs no lane must
continue without it.
"""

import os
import shutil
import signal
import socket
import struct
import threading
import unittest

import adversary
import bridge
from journal import fresh_run
from traps import exchange, make_link, remove, traps

MESSAGE = b"FDSTORE=1\nFDNAME=one\nSTATUS=%d"


class Lane:
    """A listener at the lane of a run. ANSWER(connection, request) answers each request."""

    def __init__(self, path, answer, kind=socket.SOCK_SEQPACKET):
        self._answer = answer
        self._connection = None
        self.connections = 0
        self.failure = None
        self._socket = socket.socket(socket.AF_UNIX, kind)
        # The path of a socket must be short, so it starts with the directory's descriptor.
        directory = os.open(os.path.dirname(path), os.O_PATH)
        self._socket.bind(f"/proc/self/fd/{directory}/{os.path.basename(path)}")
        os.close(directory)
        self._socket.listen(8)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        try:
            while True:
                self._connection, _ = self._socket.accept()
                self.connections += 1
                with self._connection:
                    self._serve_connection()
        except OSError:
            pass  # The test is over.
        except Exception as failure:  # pylint: disable=broad-except
            self.failure = failure

    def _serve_connection(self):
        try:
            while request := self._connection.recv(65536):
                self._answer(self._connection, request)
        except OSError:
            pass  # The other side does not accept the answer.

    def close(self):
        for end in (self._socket, self._connection):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except (AttributeError, OSError):
                pass  # There was no connection, or it has ended.
        self._thread.join()
        self._socket.close()
        if self.failure:
            raise self.failure


def send_fds(connection, text, fds):
    socket.send_fds(connection, [text], fds)


def slow_to_close():
    """Returns a socket whose last close takes an hour, because its peer does not read."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client = socket.create_connection(listener.getsockname())
    peer, _ = listener.accept()
    listener.close()
    client.setblocking(False)
    try:
        while True:
            client.send(bytes(65536))
    except BlockingIOError:
        pass
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3600))
    return client, peer


class Lanes(adversary.Case):
    def setUp(self):
        super().setUp()
        self.manager = self.receiver()
        self.process = self.start_wait("--keep", receiver=self.manager, FDSTORE="8")
        self.number = 0

    def say_with_fds(self, prepare, fds=1):
        """Starts a run whose lane PREPARE(path) creates. The run sends a message with descriptors,
        and then a message without descriptors."""
        run = fresh_run()
        path = self.entry("lane." + run.hex())
        lane = prepare(path)
        journal = self.run_of_ours(run=run)
        try:
            for count in (fds, 0):
                self.number += 1
                journal.append(MESSAGE % self.number, fds=count)
                status = b"STATUS=%d" % self.number
                self.manager.wait_until(
                    repr(status), lambda _, status=status: status in self.manager.lines()
                )
        finally:
            journal.close()
            if lane:
                lane.close()
            remove(path)
        return lane

    def assert_ends(self):
        self.stop(self.process, 0)
        self.assertLess(len(self.process.err.splitlines()), adversary.MOST_LINES)
        self.assert_readable(self.process.err)

    def assert_nothing_stored(self):
        for line in self.manager.lines():
            self.assertFalse(line.startswith(b"FD"), line)

    def test_wait_survives_traps_in_place_of_the_lane(self):
        for name, make in traps(self.victim).items():
            with self.subTest(name):
                self.say_with_fds(make)
        self.assert_ends()
        self.assert_nothing_stored()

    def test_a_link_to_an_outside_socket_is_not_followed(self):
        # The link could lead to the host's bus. `wait` must not connect to it.
        outside = self.path("bus")
        bus = Lane(outside, lambda *_: None)
        self.addCleanup(bus.close)
        for target in (outside, "../bus"):
            self.say_with_fds(make_link(target))
        self.assertEqual(bus.connections, 0)
        self.assert_ends()
        self.assert_nothing_stored()

    @unittest.skipUnless(shutil.which("strace") and adversary.HAS_FIGURES, "needs strace(1)")
    def test_wait_does_not_connect_through_a_swapped_symlink(self):
        outside = self.path("bus")
        bus = Lane(outside, lambda *_: None)
        self.addCleanup(bus.close)
        self.stop(self.process, 0)
        traced = self.path("trace")
        self.process = self.start_wait(
            "--keep", receiver=self.manager, traced=traced, FDSTORE="8"
        )
        os.symlink(outside, self.entry(".link"))
        for _ in range(20):
            run = fresh_run()
            path = self.entry("lane." + run.hex())
            lane = Lane(path, answer_with_one)
            journal = self.run_of_ours(run=run)
            with adversary.Attack(lambda path=path: exchange(path, self.entry(".link"))):
                self.number += 1
                journal.append(MESSAGE % self.number, fds=1)
                status = b"STATUS=%d" % self.number
                self.manager.wait_for_lines(status)
            journal.close()
            lane.close()
            # The link may have either name now.
            for name in (path, self.entry(".link")):
                remove(name)
            os.symlink(outside, self.entry(".link"))
        self.assertEqual(bus.connections, 0)
        self.stop(self.process, 0)
        self.assert_kept_to_the_directory(traced, self.manager)

    def test_wait_survives_other_kinds_of_sockets(self):
        for kind in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
            with self.subTest(kind.name):
                self.say_with_fds(lambda path, kind=kind: Lane(path, lambda *_: None, kind), fds=0)
        datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(datagrams.close)

        def bind(path):
            datagrams.bind(os.path.relpath(path))

        self.say_with_fds(bind)
        self.assert_ends()

    def test_wait_survives_invalid_answers(self):
        zero = os.open("/dev/zero", os.O_RDONLY)
        self.addCleanup(os.close, zero)
        for what, answer in (
            ("silence", lambda *_: None),
            ("the end", lambda connection, _: connection.shutdown(socket.SHUT_RDWR)),
            ("nothing", lambda connection, _: connection.send(b"")),
            ("rubbish", lambda connection, _: connection.send(os.urandom(4096))),
            ("a long one", lambda connection, _: connection.send(b"FDS 1" + bytes(60000))),
            ("no descriptors", lambda connection, request: connection.send(request)),
            ("for another record", lambda connection, _: send_fds(connection, b"FDS 7", [zero])),
            ("a number that overflows", lambda connection, _: connection.send(b"FDS " + b"9" * 40)),
            ("another word", lambda connection, _: send_fds(connection, b"LISTEN a", [zero])),
            ("too many", lambda connection, request: send_fds(connection, request, [zero] * 253)),
            ("ever more", lambda connection, request: [connection.send(request) for _ in range(9)]),
            (
                "of itself",
                lambda itself, request: send_fds(itself, request, [itself.fileno()] * 2),
            ),
        ):
            with self.subTest(what):
                before = adversary.open_descriptors(self.process.pid)
                self.say_with_fds(lambda path, answer=answer: Lane(path, answer))
                bridge.eventually(
                    "no descriptor is left",
                    lambda: adversary.open_descriptors(self.process.pid) <= before + 2,
                )
        self.assert_small(self.process)
        self.assert_ends()

    def test_wait_survives_an_impossible_count(self):
        for fds in (254, 65535):
            with self.subTest(fds):
                self.say_with_fds(lambda path: Lane(path, answer_with_one), fds=fds)
        self.assert_ends()

    def test_a_slowly_closing_descriptor_does_not_block_wait(self):
        def answer(connection, request):
            client, peer = slow_to_close()
            self.addCleanup(peer.close)
            # `wait` must be the last process that closes the descriptor.
            self.process.signal(signal.SIGSTOP)
            stopped = lambda: adversary.state(self.process.pid) == "T"
            bridge.eventually("wait is stopped", stopped)
            # The answer is for another record, so the descriptor must be dropped.
            send_fds(connection, request + b"0", [client.fileno()])
            client.close()
            self.process.signal(signal.SIGCONT)

        self.say_with_fds(lambda path: Lane(path, answer))
        self.assert_ends()


def answer_with_one(connection, request):
    with open("/dev/null", "rb") as file:
        send_fds(connection, request, [file.fileno()])


adversary.main()
