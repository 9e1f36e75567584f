#!/usr/bin/python3
"""An app that executes the orders of a test.

app.py DIRECTORY

When the app is up, it writes its pid in its own pid namespace to DIRECTORY/starts. After that, it
executes orders from the FIFO DIRECTORY/orders, one on each line:

    send TEXT     sends TEXT to $NOTIFY_SOCKET as one datagram, with the escapes of Python, such
                  as \n
    burst A|B|C   sends A, B and C, one right after the other
    barrier       sends BARRIER=1 and waits until systemd has processed it
    store NAME X  sends a file that contains X to systemd's store, under NAME
    given         writes the names of the descriptors that it was started with, and the
                  content of their files, to DIRECTORY/given
    serve         answers a connection to the first descriptor, which is a socket, with "hello"
    watchdog      writes the result of sd_watchdog_enabled(3) of libsystemd to DIRECTORY/watchdog
    ping N SECS   sends WATCHDOG=1 every SECS seconds, N times
    reload        sends RELOADING=1 with the time, and READY=1
    run COMMAND   runs a shell command and waits for it
    exit N        ends with status N
    kill NAME     ends by that signal
    on NAME ...   from now on, executes the order `...` when it gets the signal

It confirms each order with a line in DIRECTORY/done. Like most programs, it has no signal handlers.
"""

import ctypes
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

from sdnotify import barrier, notify

directory = sys.argv[1]


def write_line(name, text):
    with open(os.path.join(directory, name), "a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def send(text):
    notify(text.encode().decode("unicode_escape").encode("latin-1"))


def react(name, order):
    signal.signal(getattr(signal, f"SIG{name}"), lambda *_: obey(order))


def store(name, text):
    with tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        notify(f"FDSTORE=1\nFDNAME={name}", [file.fileno()])


def given():
    mine = os.environ.get("LISTEN_PID") == str(os.getpid())
    count = int(os.environ.get("LISTEN_FDS", "0")) if mine else 0
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    with open(os.path.join(directory, "given"), "w", encoding="utf-8") as file:
        for fd, name in zip(range(3, 3 + count), names):
            is_file = stat.S_ISREG(os.fstat(fd).st_mode)
            file.write(f"{name} {os.pread(fd, 100, 0).decode() if is_file else 'socket'}\n")


def serve():
    with socket.socket(fileno=os.dup(3)) as listener, listener.accept()[0] as connection:
        connection.sendall(b"hello\n")


def watchdog():
    usec = ctypes.c_uint64(0)
    systemd = ctypes.CDLL("libsystemd.so.0")
    enabled = systemd.sd_watchdog_enabled(0, ctypes.byref(usec))
    with open(os.path.join(directory, "watchdog"), "w", encoding="utf-8") as file:
        file.write(f"{enabled} {usec.value}\n")


def ping(count, seconds):
    for _ in range(int(count)):
        notify("WATCHDOG=1")
        time.sleep(float(seconds))


def obey(order):
    verb, _, rest = order.partition(" ")
    if verb == "send":
        send(rest)
    elif verb == "burst":
        for text in rest.split("|"):
            send(text)
    elif verb == "barrier":
        barrier()
    elif verb == "store":
        store(*rest.split(" ", 1))
    elif verb == "given":
        given()
    elif verb == "serve":
        serve()
    elif verb == "watchdog":
        watchdog()
    elif verb == "ping":
        ping(*rest.split())
    elif verb == "reload":
        notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        notify("READY=1")
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


# The FIFO is also opened for writing, so that reading does not end between two orders.
with os.fdopen(os.open(os.path.join(directory, "orders"), os.O_RDWR), encoding="utf-8") as orders:
    write_line("starts", os.getpid())
    while True:
        obey(orders.readline().rstrip("\n"))
