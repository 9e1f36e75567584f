"""Makes strace(1) kill a program at one chosen system call, or makes this call fail."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

import bridge

STRACE = shutil.which("strace") or "strace"

# "1764099371.123456 openat(3, …", and at the end "… +++ killed by SIGKILL +++".
ENTRY = re.compile(r"(\d+\.\d+) (\w+)\(")
END = re.compile(r"\d+\.\d+ \+\+\+ (killed by SIGKILL)?")

# The calls that may fail because a resource is missing, and their errors. A failure of any other
# call would be a bug in notifybridge or in the kernel.
ERRORS = {
    ("openat", "openat2", "open"): ("EMFILE", "ENOMEM"),
    ("socket", "socketpair", "pipe2", "eventfd2", "epoll_create1", "timerfd_create"): ("EMFILE",),
    ("inotify_init1", "pidfd_open", "memfd_create", "dup", "accept4"): ("EMFILE",),
    ("fcntl",): ("ENOLCK",),
    ("write", "writev", "pwrite64", "pwritev"): ("ENOSPC", "EIO", "EINTR"),
    ("fallocate", "ftruncate", "rename", "renameat", "renameat2", "mkdirat"): ("ENOSPC",),
    ("inotify_add_watch",): ("ENOSPC",),
    ("read", "pread64", "preadv", "getdents64"): ("EIO",),
    ("recvmsg", "sendmsg", "sendto", "connect", "epoll_wait", "epoll_pwait"): ("EINTR",),
    ("sendmsg", "sendto"): ("ENOMEM", "ENOBUFS"),
    ("clone", "clone3", "fork", "vfork"): ("EAGAIN", "ENOMEM"),
    ("mmap",): ("ENOMEM",),
}


@dataclass(frozen=True)
class Point:
    """One system call of a program: its name, and its number among the calls of this name."""

    call: str
    number: int

    def __str__(self):
        return f"{self.call} {self.number}"

    @property
    def errors(self):
        """Returns the errors with which this call may fail."""
        return [error for calls, errors in ERRORS.items() if self.call in calls for error in errors]


class Trace:
    """The output of strace about one traced process."""

    def __init__(self, path):
        self.path = path

    def words(self, point=None, error=None):
        """Returns the words that run a program under strace. At POINT, strace kills the program
        just before the call, or makes the call fail with ERROR. strace runs beside the program, so
        the pid of the program is the same as without strace."""
        fault = f"error={error}" if error else "signal=KILL"
        inject = ["-e", f"inject={point.call}:{fault}:when={point.number}"] if point else []
        return [STRACE, "-D", "-q", "-ttt", "-s0", "-o", self.path, *inject]

    def lines(self):
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def points(self):
        """Returns all system calls in their order, without the first, which is the execve(2) of
        strace."""
        counts = {}
        points = []
        for entry in filter(None, map(ENTRY.match, self.lines())):
            counts[entry[2]] = counts.get(entry[2], 0) + 1
            points.append(Point(entry[2], counts[entry[2]]))
        return points[1:]

    def end(self):
        """Waits until the program has ended. Returns whether strace killed it at the point. The
        program may have ended before that."""
        end = bridge.eventually("strace has ended", lambda: END.match("".join(self.lines()[-1:])))
        return bool(end[1])

    def last_entry(self):
        """Returns the time of the program's last call. A killed program died at this time."""
        entries = list(filter(None, map(ENTRY.match, self.lines())))
        return float(entries[-1][1]) if entries else 0.0


def can_interfere():
    """Returns whether strace is installed and can make system calls fail."""
    words = [STRACE, "-o", os.devnull, "-e", "inject=getpid:error=EPERM", "true"]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
