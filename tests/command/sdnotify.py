"""For the apps in the tests: a sender that follows sd_notify(3) and depends on nothing of ours."""

import os
import socket
import time


def connect():
    """A socket that sends to the service manager, connected, so that a full queue blocks it."""
    path = os.environ["NOTIFY_SOCKET"]
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect("\0" + path[1:] if path.startswith("@") else path)
    return sender


def notify(text, fds=()):
    """Sends TEXT, which is a string or bytes, as one datagram with these descriptors."""
    payload = text if isinstance(text, bytes) else text.encode()
    with connect() as sender:
        socket.send_fds(sender, [payload], list(fds))


def barrier():
    """Returns when the service manager has processed everything that was sent before."""
    ours, theirs = os.pipe()
    notify("BARRIER=1", [theirs])
    os.close(theirs)
    os.read(ours, 1)  # Ends when the last copy of the other end is closed.
    os.close(ours)


def up():
    """Tells the test, by standard output, that the app has got so far."""
    print("up", flush=True)


def stay():
    """Goes on until a signal ends the app, or a handler for one.

    Python runs a handler between two steps of its own: one for a signal that comes just before a
    sleep has to wait for the end of it. So the sleeps are short.
    """
    while True:
        time.sleep(0.05)
