"""A program that does not notify, for the measure of probes: server.py KIND TARGET STAMP.

The program is up after a random time, or after 3 s if KIND is late. It writes the time of this moment to the file STAMP
(CLOCK_MONOTONIC, nanoseconds), and then serves. KIND and TARGET are those of floor_probe.cpp. KIND
may also be listen or late, which are like tcp.
"""

import os
import random
import socket
import sys
import time

SHORTEST, LONGEST = 0.05, 0.15
LATE = 3
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def stamp(path, moment):
    with open(path + ".part", "w", encoding="ascii") as file:
        file.write(str(moment))
    os.rename(path + ".part", path)


def serve(server, answer):
    while True:
        connection, _ = server.accept()
        with connection:
            if answer and connection.recv(4096):
                connection.send(answer)


def main(kind, target, stamped):
    if kind == "log":
        time.sleep(random.uniform(SHORTEST, LONGEST))
        stamp(stamped, time.monotonic_ns())
        print("listening", flush=True)
        time.sleep(1000)
    elif kind == "unix":
        server = socket.socket(socket.AF_UNIX)
        server.bind(target)
    elif kind != "file":
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", int(target)))
    time.sleep((LATE if kind == "late" else 0) + random.uniform(SHORTEST, LONGEST))
    if kind == "file":
        moment = time.monotonic_ns()
        with open(target, "w", encoding="ascii"):
            stamp(stamped, moment)
        time.sleep(1000)
    moment = time.monotonic_ns()
    server.listen()
    stamp(stamped, moment)
    serve(server, ANSWER if kind == "http" else None)


main(*sys.argv[1:])
