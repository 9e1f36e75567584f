"""Reads exact properties of units from systemd. `systemctl show` would print "[unprintable]" for a
text of two lines, and would need a process for each query.

Supports only the necessary parts of D-Bus. Connects to systemd's private socket, to which root can
always connect.
"""

import socket
import struct

SOCKET = "/run/systemd/private"
ROOT = "/org/freedesktop/systemd1"
METHOD_RETURN, ERROR = 2, 3  # Kinds of messages.


class Calls:
    """A collection of method calls, which are sent together."""

    def __init__(self):
        self.bytes = bytearray()
        self.count = 0

    def get(self, path, interface, name):
        """Adds a call of org.freedesktop.DBus.Properties.Get(interface, name)."""
        body = Writer()
        body.string(interface)
        body.string(name)
        fields = Writer()
        fields.field(1, "o", path)
        fields.field(2, "s", "org.freedesktop.DBus.Properties")
        fields.field(3, "s", "Get")
        fields.field(8, "g", "ss")
        self.count += 1
        header = Writer()
        header.bytes += struct.pack("<cBBBII", b"l", 1, 0, 1, len(body.bytes), self.count)
        header.bytes += struct.pack("<I", len(fields.bytes)) + fields.bytes
        header.align(8)
        self.bytes += header.bytes + body.bytes


class Writer:
    def __init__(self):
        self.bytes = bytearray()

    def align(self, size):
        self.bytes += bytes(-len(self.bytes) % size)

    def string(self, text):
        self.align(4)
        self.bytes += struct.pack("<I", len(text)) + text.encode() + b"\0"

    def signature(self, text):
        self.bytes += bytes([len(text)]) + text.encode() + b"\0"

    def field(self, code, kind, text):
        """Adds a field to a message's header. Fields begin at a multiple of 8."""
        self.align(8)
        self.bytes.append(code)
        self.signature(kind)
        if kind == "g":
            self.signature(text)
        else:
            self.string(text)


def connect():
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(SOCKET)
    connection.sendall(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n")
    replies = connection.makefile("rb")
    for expected in (b"DATA", b"OK"):
        line = replies.readline()
        assert line.startswith(expected), line
    return connection, replies


def value(body):
    """Returns the value of the variant at the beginning of `body`: the bytes of a string, or a
    number."""
    kind = chr(body[1])
    if kind == "s":
        (size,) = struct.unpack_from("<I", body, 4)
        return body[8 : 8 + size]
    form, at = {"i": ("<i", 4), "u": ("<I", 4), "t": ("<Q", 8)}[kind]
    return struct.unpack_from(form, body, at)[0]


def next_reply(replies):
    """Returns the value in the next reply, or None if there is no such property."""
    while True:
        head = replies.read(16)
        _, kind, _, _, size, _, fields = struct.unpack("<cBBBIII", head)
        replies.read(fields + -fields % 8)
        body = replies.read(size)
        if kind == METHOD_RETURN:
            return value(body)
        if kind == ERROR:
            return None
        # Other messages are signals.


def read(wanted):
    """Returns the values of (path, interface, name) in `wanted`, in that order.

    Uses a new connection for each call, because systemd would send all its signals to an open
    connection.
    """
    calls = Calls()
    for path, interface, name in wanted:
        calls.get(path, f"org.freedesktop.systemd1.{interface}", name)
    connection, replies = connect()
    with connection, replies:
        values = []
        # All calls at once could be more than both sockets can hold.
        connection.sendall(calls.bytes)
        for _ in range(calls.count):
            values.append(next_reply(replies))
    return values


def unit_path(name):
    escaped = "".join(c if c.isalnum() else f"_{ord(c):02x}" for c in name)
    return f"{ROOT}/unit/{escaped}"


def version():
    """Returns the number of systemd's release."""
    (text,) = read([(ROOT, "Manager", "Version")])
    return int(text.decode().lstrip("v").split(".")[0].split("-")[0].split("~")[0])
