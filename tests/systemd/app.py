#!/usr/bin/python3
"""An app that does what the test tells it.

app.py DIRECTORY

Writes one line to DIRECTORY/starts when it is up: its pid as it sees it itself. Then takes
orders from the FIFO DIRECTORY/orders, one a line:

    send TEXT     sends TEXT to $NOTIFY_SOCKET as one datagram; \\n, \\r and the like are Python's
    burst A|B|C   sends A, B and C, one right after the other
    barrier       sends BARRIER=1 and waits for the end of it
    run COMMAND   runs a shell command and waits for it
    exit N        ends with status N
    kill NAME     ends by that signal
    on NAME ...   from now on, does the order `...` when it gets the signal

It answers each with a line in DIRECTORY/done. Like most programs it has no signal handlers.
"""

import os
import signal
import subprocess
import sys

from sdnotify import barrier, notify

directory = sys.argv[1]


def write_line(name, text):
    with open(os.path.join(directory, name), "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def send(text):
    notify(text.encode().decode("unicode_escape").encode("latin-1"))


def react(name, order):
    signal.signal(getattr(signal, f"SIG{name}"), lambda *_: obey(order))


def obey(order):
    verb, _, rest = order.partition(" ")
    if verb == "send":
        send(rest)
    elif verb == "burst":
        for text in rest.split("|"):
            send(text)
    elif verb == "barrier":
        barrier()
    elif verb == "run":
        subprocess.run(["/bin/sh", "-c", rest], check=True)
    elif verb == "exit":
        os._exit(int(rest))
    elif verb == "kill":
        os.kill(os.getpid(), getattr(signal, f"SIG{rest}"))
    elif verb == "on":
        react(*rest.split(" ", 1))
    else:
        sys.exit(f"app.py: unknown order: {order}")
    write_line("done", order)


# Opened for writing too, the FIFO does not end between two orders.
with os.fdopen(os.open(os.path.join(directory, "orders"), os.O_RDWR), encoding="utf-8") as orders:
    write_line("starts", os.getpid())
    while True:
        obey(orders.readline().rstrip("\n"))
