"""Sends messages from the tests' apps as sd_notify(3) does, without using our own code."""

import array  # send_fds() imports it, which a signal handler must not interrupt.
import os
import socket
import time


def connect():
    """Returns a socket that is connected to the service manager. A full queue blocks its sender."""
    path = os.environ["NOTIFY_SOCKET"]
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect("\0" + path[1:] if path.startswith("@") else path)
    return sender


def notify(text, fds=()):
    """Sends TEXT, a string or bytes, as one datagram with these descriptors."""
    payload = text if isinstance(text, bytes) else text.encode()
    with connect() as sender:
        socket.send_fds(sender, [payload], list(fds))


def barrier():
    """Waits until the service manager has processed everything that was sent before."""
    ours, theirs = os.pipe()
    notify("BARRIER=1", [theirs])
    os.close(theirs)
    os.read(ours, 1)  # The read ends when the last copy of the other end is closed.
    os.close(ours)


def up():
    """Reports to the test on standard output that the app has reached this point."""
    print("up", flush=True)


def stay():
    """Runs until a signal or its handler ends the app.

    Python runs a handler between two steps. If a signal arrives just before a sleep, its handler
    has to wait for the sleep's end. So the sleeps are short.
    """
    while True:
        time.sleep(0.05)
