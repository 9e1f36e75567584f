#!/usr/bin/python3
"""Attacks another process: steal.py PID PORT.

Takes all sockets out of the process PID, as an app in a container could take those of its `wrap`.
With each socket of the Internet, connects to PORT of 127.0.0.1 in the network of that socket.

Prints one word: `reached`, `taken` if that port was not reached, or `denied`. Prints `unable` and
the reason if this kernel lets nobody take descriptors, not even out of an ordinary process.
"""

import ctypes
import os
import socket
import stat
import subprocess
import sys

PIDFD_GETFD = 438
MOST = 256
libc = ctypes.CDLL(None, use_errno=True)


def take(process, number):
    """Returns a copy of a descriptor. If this fails, returns None and the error number."""
    fd = libc.syscall(PIDFD_GETFD, process, number, 0)
    return (fd, 0) if fd >= 0 else (None, ctypes.get_errno())


def why_unable():
    """Returns why descriptors of an ordinary process cannot be taken, or None."""
    with subprocess.Popen(["sleep", "infinity"]) as sleeper:
        try:
            fd, error = take(os.pidfd_open(sleeper.pid), 0)
        finally:
            sleeper.kill()
    return None if fd is not None else os.strerror(error)


def reaches(fd, port):
    """Returns whether the socket FD could be turned into a connection to PORT of its host."""
    if not stat.S_ISSOCK(os.fstat(fd).st_mode):
        return False
    unspecified = ctypes.create_string_buffer(16)
    with socket.socket(fileno=fd) as stolen:
        if stolen.family != socket.AF_INET or libc.connect(fd, unspecified, 16) < 0:
            return False
        stolen.settimeout(5)
        return stolen.connect_ex(("127.0.0.1", port)) == 0


def steal(pid, port):
    if reason := why_unable():
        return f"unable: {reason}"
    process = os.pidfd_open(pid)
    taken = [fd for fd, _ in (take(process, number) for number in range(MOST)) if fd is not None]
    if any(reaches(fd, port) for fd in taken):
        return "reached"
    return "taken" if taken else "denied"


if __name__ == "__main__":
    try:
        print(steal(int(sys.argv[1]), int(sys.argv[2])), flush=True)
    except AttributeError as error:  # Python before 3.9 has no pidfd_open.
        print(f"unable: {error}", flush=True)
