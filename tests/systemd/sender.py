#!/usr/bin/python3
"""An app that sends what it is told, byte for byte.

sender.py ORDERS DONE HELLOS NAME

The first three are FIFOs. Writes "NAME PID" to HELLOS when it is up. Reads from ORDERS how many
datagrams there are, and each of them as its size and its bytes; the numbers are 32 bits,
little-endian. Sends them, and when the service manager has processed them, writes a byte to DONE.
Ends when there are none.
"""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "command"))
from sdnotify import barrier, notify  # noqa: E402

orders_path, done_path, hellos_path, name = sys.argv[1:]


def read_number():
    return struct.unpack("<I", orders.read(4))[0]


# Opened for writing too, a FIFO does not end between two orders.
with os.fdopen(os.open(orders_path, os.O_RDWR), "rb") as orders:
    done = os.open(done_path, os.O_RDWR)
    with open(hellos_path, "w", encoding="utf-8") as hellos:
        hellos.write(f"{name} {os.getpid()}\n")
    while count := read_number():
        for _ in range(count):
            notify(orders.read(read_number()))
        barrier()
        os.write(done, b".")
