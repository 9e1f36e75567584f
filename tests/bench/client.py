#!/usr/bin/python3
"""client.py SOCKET COUNT: connects COUNT times, one after the other. Prints the median time to the
first byte of an answer in milliseconds."""

import socket
import statistics
import sys
import time

PAUSE = 0.02  # seconds in which the service of the previous answer ends
PATIENCE = 10


def answered(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        began = time.monotonic()
        connection.connect(path)
        if not connection.recv(1):
            sys.exit(f"{path} closes without an answer")
        return time.monotonic() - began


times = []
for _ in range(int(sys.argv[2])):
    times.append(answered(sys.argv[1]))
    time.sleep(PAUSE)
print(statistics.median(times) * 1000)
