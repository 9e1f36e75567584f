#!/usr/bin/python3
"""An app that sends given datagrams, byte for byte.

sender.py ORDERS DONE HELLOS NAME

ORDERS, DONE and HELLOS are FIFOs. When the app is up, it writes "NAME PID" to HELLOS. It reads from
ORDERS the number of datagrams, and then the size and the bytes of each. Numbers have 32 bits and
are little-endian. The app sends the datagrams, and writes a byte to DONE when the service manager
has processed them. It ends if the number is 0.
"""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "command"))
from sdnotify import barrier, notify  # noqa: E402

orders_path, done_path, hellos_path, name = sys.argv[1:]


def read_number():
    return struct.unpack("<I", orders.read(4))[0]


# The FIFO is also opened for writing, so that reading does not end between two orders.
with os.fdopen(os.open(orders_path, os.O_RDWR), "rb") as orders:
    done = os.open(done_path, os.O_RDWR)
    with open(hellos_path, "w", encoding="utf-8") as hellos:
        hellos.write(f"{name} {os.getpid()}\n")
    while count := read_number():
        for _ in range(count):
            notify(orders.read(read_number()))
        barrier()
        os.write(done, b".")
