#!/usr/bin/python3
"""The app and the client of tests/bench/ports.

ports.py serve PORT                          answers with as many bytes as a client requests
ports.py measure ROUNDS LABEL=HOST:PORT…     measures these apps in turn, and prints a table
"""

import socket
import sys
import time

PATIENCE = 30
CONNECTIONS = 100
MILLISECONDS_A_SECOND = 1000
MEGABYTE = 1_000_000
LONG_ANSWER = 256 * MEGABYTE
LONG_TIME = 4


def serve(port):
    piece = memoryview(bytes(1 << 20))
    listening = socket.create_server(("", port), backlog=100)
    # The machine's default may be bbr. With bbr, an app behind pasta reaches only a thousandth of
    # the rate.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")
    while True:
        client, _ = listening.accept()
        with client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                left = int(client.recv(100) or 0)
                while left > 0:
                    left -= client.send(piece[:left])
            except ConnectionError as error:
                print(error, file=sys.stderr)


def ask(address, size, seconds=PATIENCE):
    """Requests an answer of that size, and reads it to its end, or for that time. Returns the time
    from the connection to the last byte, and the number of bytes."""
    buffer = bytearray(1 << 18)
    began = time.monotonic()
    with socket.create_connection(address, timeout=PATIENCE) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(str(size).encode())
        left = size
        while left > 0 and time.monotonic() - began < seconds:
            received = client.recv_into(buffer)
            if received == 0:
                raise ConnectionError(f"the answer ends {left} bytes early")
            left -= received
        return time.monotonic() - began, size - left


def first_byte(address):
    return ask(address, 1)[0] * MILLISECONDS_A_SECOND


def rate(address):
    seconds, size = ask(address, LONG_ANSWER, LONG_TIME)
    return size / seconds / MEGABYTE


def wait_until_up(address):
    """Returns when the app answers. Some publishers accept connections before the app listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return first_byte(address)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def measure(rounds, apps):
    # Import the file here, because the app's container does not have it.
    import figures  # pylint: disable=import-outside-toplevel

    addresses = {}
    for app in apps:
        label, _, place = app.rpartition("=")
        host, port = place.split(":")
        addresses[label] = host, int(port)
    firsts, rates = ({label: [] for label in addresses} for _ in range(2))
    for address in addresses.values():
        wait_until_up(address)
    for _ in range(rounds):
        for label, address in addresses.items():
            times = [first_byte(address) for _ in range(CONNECTIONS)]
            firsts[label].append(figures.median(times))
            rates[label].append(rate(address))
    print("| to the app in a container | to the first byte, ms | MB a second |")
    print("| --- | --- | --- |")
    for label in addresses:
        first, throughput = (figures.with_spread(found[label]) for found in (firsts, rates))
        print(f"| {label} | {first} | {throughput} |")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    measure(int(sys.argv[2]), sys.argv[3:])
