#!/usr/bin/python3
"""Does one thing to `init` without end, in four processes of nobody: `floods.py KIND ADDRESS`."""

import ctypes
import errno
import fcntl
import itertools
import os
import socket
import struct
import sys
import threading
import time

# Each of these entries takes 11 bytes, so 11,900 entries fit into the 128 KiB that `init` reads.
ENTRIES = b"MESSAGE=x\n\n" * 11_900


def send_fds(sender, data, fds, flags=0):
    """Sends descriptors. If the user has too many of them in queues, which other floods fill, waits
    until somebody receives some."""
    while True:
        try:
            return socket.send_fds(sender, [data], fds, flags)
        except OSError as error:
            if error.errno != errno.ETOOMANYREFS:
                raise
            time.sleep(0.01)


class Lingering:
    """Makes Unix sockets whose last close(2) would wait for a minute: in the queue of each is a TCP
    connection with SO_LINGER, unsent data, and a peer that does not read."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.peers = []

    def make(self):
        connection = socket.socket()
        connection.connect(self.listener.getsockname())
        self.peers.append(self.listener.accept()[0])
        if len(self.peers) > 100:
            self.peers.pop(0).close()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 60))
        connection.setblocking(False)
        try:
            while True:
                connection.send(b"x" * 1_000_000)
        except BlockingIOError:
            pass
        outer, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        send_fds(inner, b"x", [connection.fileno()])
        return outer


def datagrams(address):
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(address)
    return sender


def sealed_file(content):
    file = os.memfd_create("entries", os.MFD_ALLOW_SEALING)
    os.write(file, content)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    return file


def journal_files(address):
    sender, file = datagrams(address), sealed_file(ENTRIES)
    while True:
        send_fds(sender, b"", [file])


def journal(address):
    sender = datagrams(address)
    while True:
        sender.send(ENTRIES)


def syslog(address):
    sender = datagrams(address)
    while True:
        sender.send(b"<13>flood: " + b"x\n" * 30_000)


def streams(address):
    """Writes short lines to as many streams as are allowed, and opens new ones."""
    header = b"flood\n\n6\n1\n0\n0\n0\n"
    opened = []
    while True:
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.connect(address)
        stream.setblocking(False)
        opened.append(stream)
        for each, content in [(stream, header)] + [(one, b"x\n" * 30_000) for one in opened]:
            try:
                each.send(content)
            except OSError:
                pass
        if len(opened) > 20:
            opened.pop(0).close()


def notify(address):
    sender = datagrams(address)
    while True:
        sender.send(b"STATUS=" + b"x" * 4000)


def descriptors(address):
    """Sends descriptors that take long to close."""
    sender = datagrams(address)
    libc = ctypes.CDLL(None)
    while True:
        fds = [fd for _ in range(50) if (fd := libc.inotify_init1(os.O_CLOEXEC)) >= 0]
        send_fds(sender, b"READY=1", fds)
        for fd in fds:
            os.close(fd)


def store(address):
    """Fills the descriptor store of its service again and again."""
    sender = datagrams(address)
    while True:
        for _ in range(10):
            fds = [os.memfd_create("stored") for _ in range(200)]
            send_fds(sender, b"FDSTORE=1\nFDNAME=x", fds)
            for fd in fds:
                os.close(fd)
        sender.send(b"FDSTOREREMOVE=1\nFDNAME=x")


def control(address):
    """Sends calls over many connections at once, and reads no answer."""
    clients = []
    while True:
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.connect(address)
        try:
            client.send(b'{"call":"show","unit":"idle.service"}')
        except OSError:
            pass
        clients.append(client)
        if len(clients) > 300:
            clients.pop(0).close()


def lingering_datagrams(address):
    """Sends lingering sockets to NOTIFY_SOCKET."""
    sender, lingering = datagrams(address), Lingering()
    while True:
        for text in (b"READY=1", b"FDSTORE=1\nFDNAME=x", b"FDSTOREREMOVE=1\nFDNAME=x", b"\n" * 9000):
            with lingering.make() as held:
                send_fds(sender, text, [held.fileno()])


def lingering_messages(address):
    """Sends lingering sockets to the system log."""
    lingering_datagrams(address)


def lingering_streams(address):
    """Sends lingering sockets with lines, and with a header that is not valid."""
    lingering = Lingering()
    while True:
        for text in (b"flood\n\n6\n1\n0\n0\n0\n", b"flood\n\nx\n"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
                stream.connect(address)
                try:
                    for content in (text, b"line\n", b"line\n"):
                        with lingering.make() as held:
                            send_fds(stream, content, [held.fileno()])
                except BrokenPipeError:
                    pass


def urgent_streams(address):
    """Sends lingering sockets with urgent bytes, which the kernel may drop while a stream is read."""
    lingering = Lingering()
    while True:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
            stream.connect(address)
            stream.send(b"flood\n\n6\n1\n0\n0\n0\n" + b"x\n" * 60_000)
            with lingering.make() as held:
                send_fds(stream, b"x", [held.fileno()], socket.MSG_OOB)
            stream.send(b"more\n")


def lingering_calls(address):
    """Sends a lingering socket with a call, and others behind the call."""
    lingering = Lingering()
    while True:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
            client.connect(address)
            try:
                for text in (b'{"call":"show","unit":"idle.service"}', b"", b"more"):
                    with lingering.make() as held:
                        send_fds(client, text, [held.fileno()])
                client.recv(1)
            except (BrokenPipeError, ConnectionResetError):
                pass


def align(data, size):
    return data + b"\0" * (-len(data) % size)


def bus_call(serial, destination, path, interface, member, *strings, descriptors=0):
    """Returns the call of a method, which has this number of descriptors."""

    def text(value):
        return struct.pack("<I", len(value)) + value.encode() + b"\0"

    body = b""
    for value in strings:
        body = align(body, 4) + text(value)
    fields = b""
    for code, kind, value in (
        (1, b"o", text(path)),
        (2, b"s", text(interface)),
        (3, b"s", text(member)),
        (6, b"s", text(destination)),
        (8, b"g", bytes([len(strings)]) + b"s" * len(strings) + b"\0"),
    ):
        fields = align(fields, 8) + bytes([code, 1]) + kind + b"\0" + value
    if descriptors > 0:
        fields = align(fields, 8) + struct.pack("<BBsBI", 9, 1, b"u", 0, descriptors)
    header = struct.pack("<cBBBIII", b"l", 1, 0, 1, len(body), serial, len(fields))
    return align(header + fields, 8) + body


def connect_to_bus(address):
    """Returns a connection, whose answers are read and dropped."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(address)
    connection.sendall(b"\0AUTH EXTERNAL\r\nDATA\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n")
    name = "org.freedesktop.DBus"
    connection.sendall(bus_call(1, name, "/org/freedesktop/DBus", name, "Hello"))

    def read():
        while connection.recv(1 << 16):
            pass

    threading.Thread(target=read, daemon=True).start()
    return connection


def bus(address):
    """Calls methods, and reads the answers."""
    connection = connect_to_bus(address)
    name = "org.freedesktop.DBus"
    unit = "/org/freedesktop/systemd1/unit/idle_2eservice"
    for serial in itertools.count(2):
        connection.sendall(
            bus_call(serial, "org.freedesktop.systemd1", unit, name + ".Properties", "GetAll", "")
        )


def bus_descriptors(address):
    """Calls a method with descriptors that take long to close."""
    connection = connect_to_bus(address)
    libc = ctypes.CDLL(None)
    manager = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "a.b", "Nothing")
    for serial in itertools.count(2):
        fds = [fd for _ in range(16) if (fd := libc.inotify_init1(os.O_CLOEXEC)) >= 0]
        call = bus_call(serial, *manager, descriptors=len(fds))
        sent = socket.send_fds(connection, [call], fds)
        connection.sendall(call[sent:])
        for fd in fds:
            os.close(fd)


def files(directory):
    """Creates and removes files in a directory."""
    for number in itertools.count():
        path = f"{directory}/.{os.getpid()}-{number % 1000}"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        os.unlink(path)


def orphans(_):
    """Starts processes that end at once, and whose parent has ended."""
    while True:
        child = os.fork()
        if child == 0:
            for _ in range(20):
                if os.fork() == 0:
                    os._exit(0)
            os._exit(0)
        os.waitpid(child, 0)


def output(_):
    """Writes short lines."""
    while True:
        os.write(1, b"x\n" * 32_768)


def processor(_):
    """Only uses the processor, and does nothing to `init`."""
    while True:
        os.getppid()


if __name__ == "__main__":
    # Python itself may be in a directory of root, so this cannot be left to User=.
    os.setgroups([])
    os.setresgid(65534, 65534, 65534)
    os.setresuid(65534, 65534, 65534)
    for _ in range(2):
        os.fork()
    globals()[sys.argv[1]](sys.argv[2])
