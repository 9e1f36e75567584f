#!/usr/bin/python3
"""forking_daemon.py [--pid-file=FILE] [--daemons=N] [--late] [--notify=TEXT] [--ends]

Becomes a daemon in the usual way: forks, creates a session, forks again, empties its environment
and becomes user 65534. The first process ends when the daemon has started.

--pid-file=FILE  the daemon writes its pid there as its new user
--daemons=N      leaves N daemons (default: 1), which end at once with --ends
--late           the first process ends before the daemon has started
--notify=TEXT    the daemon sends this to NOTIFY_SOCKET as its new user
"""

import argparse
import contextlib
import os
import signal
import socket
import sys

NOBODY = 65534


def drop_rights(options):
    address = os.environ.get("NOTIFY_SOCKET")
    os.environ.clear()
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    if options.notify:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(options.notify.encode(), address)


def run_daemon(options, first, ready):
    if options.late:
        while os.path.exists(f"/proc/{first}/exe"):
            pass
    drop_rights(options)
    # The descriptors and variables that this process inherited are also gone.
    os.execv(
        sys.executable,
        [sys.executable, __file__, f"--as-daemon={ready}", f"--pid-file={options.pid_file}"]
        + (["--ends"] if options.ends else []),
    )


def be_daemon(options):
    if options.pid_file:
        own = f"{options.pid_file}.{os.getpid()}"
        with open(own, "w", encoding="ascii") as file:
            file.write(f"{os.getpid()}\n")
        os.rename(own, options.pid_file)
    with contextlib.suppress(BrokenPipeError):  # With --late, no process reads from the pipe.
        os.write(options.as_daemon, b"x")
    os.close(options.as_daemon)
    while not options.ends:
        signal.pause()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pid-file", default="")
    parser.add_argument("--daemons", type=int, default=1)
    parser.add_argument("--notify")
    parser.add_argument("--as-daemon", type=int)
    for flag in ("late", "ends"):
        parser.add_argument(f"--{flag}", action="store_true")
    options = parser.parse_args()
    if options.as_daemon is not None:
        be_daemon(options)
        return
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    first = os.getpid()
    if os.fork() == 0:
        os.setsid()
        for _ in range(options.daemons):
            if os.fork() == 0:
                run_daemon(options, first, writing)
        os._exit(0)
    os.close(writing)
    if options.late:
        return
    for _ in range(options.daemons):
        if not os.read(reading, 1):
            sys.exit("a daemon did not come up")


main()
