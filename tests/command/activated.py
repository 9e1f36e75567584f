"""Starts programs with descriptors, as systemd starts a service that has sockets."""

import sys

import bridge

# This program runs a command with the given descriptors as 3, 4 and so on, as systemd does.
ACTIVATE = """
import os, sys
fds = [int(fd) for fd in sys.argv[1].split(",")]
copies = [os.dup2(os.dup(fd), 100 + at, inheritable=False) for at, fd in enumerate(fds)]
for fd in range(3, 100):
    try:
        os.close(fd)
    except OSError:
        pass
for at, fd in enumerate(copies):
    os.dup2(fd, 3 + at)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(fds))
os.execv(sys.argv[2], sys.argv[2:])
"""


class Case(bridge.Case):
    def start_activated(self, fds, words, names=None, **env):
        """Starts WORDS with these sockets or other descriptors, and with their NAMES."""
        names = None if names is None else ":".join(names)
        numbers = [fd if isinstance(fd, int) else fd.fileno() for fd in fds]
        process = bridge.Process(
            self.dir,
            [sys.executable, "-c", ACTIVATE, ",".join(map(str, numbers)), *words],
            self.environment(LISTEN_FDNAMES=names, **env),
            start_new_session=True,
            pass_fds=numbers,
        )
        self.addCleanup(process.end)
        return process
