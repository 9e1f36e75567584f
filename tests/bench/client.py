#!/usr/bin/python3
"""client.py SOCKET COUNT [STAMP]: connects COUNT times, one after the other. Prints the median time
to the first byte of an answer in milliseconds. With STAMP, sends a request, and the time begins when
the program listens. server.py writes this moment to the file STAMP."""

import socket
import statistics
import sys
import time

PAUSE = 0.02  # seconds in which the service of the previous answer ends
PATIENCE = 10


def answered(path, stamp=None):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        began = time.monotonic()
        connection.connect(path)
        if stamp:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        if not connection.recv(1):
            sys.exit(f"{path} closes without an answer")
        ended = time.monotonic()
    if stamp:
        with open(stamp, encoding="ascii") as file:
            began = int(file.read()) / 1_000_000_000
    return ended - began


times = []
for _ in range(int(sys.argv[2])):
    times.append(answered(sys.argv[1], *sys.argv[3:]))
    time.sleep(PAUSE)
print(statistics.median(times) * 1000)
