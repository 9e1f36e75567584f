"""A sender that follows sd_notify(3), for the apps in the tests: they depend on nothing of ours."""

import os
import socket


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
