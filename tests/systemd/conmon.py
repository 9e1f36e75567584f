"""What crosses conmon, beside the table in README.md that says so.

conmon.py check README VERSION DIRECTORY   receives at DIRECTORY/notify, on the host
conmon.py send DIRECTORY                   is the app in the container
"""

import os
import re
import socket
import sys
import time

SKIPPED = 77


def rows(readme):
    """The versions that the table has columns for, and of each row the keys and the words."""
    with open(readme, encoding="utf-8") as file:
        table = re.search(r"^\| what the app says \|(.*?)\n\n", file.read(), re.M | re.S)[0]
    header, _, *lines = [line.strip("| ").split(" | ") for line in table.strip().splitlines()]
    versions = [re.search(r"conmon ([0-9.]+)", cell)[1] for cell in header[1:3]]
    return versions, [(re.findall(r"`([A-Z_]+)", cells[0]), cells[1:]) for cells in lines]


def numbers(version):
    return [int(part) for part in version.split(".")]


def check(readme, version, directory):
    (older, newer), table = rows(readme)
    if numbers(older) < numbers(version) < numbers(newer):
        print(f"skipped: the table has nothing to say of conmon {version}")
        return SKIPPED
    column = int(numbers(version) >= numbers(newer))
    wanted = {key: words[column] == "yes" for keys, words in table for key in keys}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(os.path.join(directory, "notify"))
        receiver.settimeout(30)
        with open(os.path.join(directory, "keys.new"), "w", encoding="utf-8") as file:
            file.write("\n".join(wanted))
        os.rename(os.path.join(directory, "keys.new"), os.path.join(directory, "keys"))
        come = set()
        while "READY" not in come:
            come.update(re.findall(r"^(\w+)=", receiver.recv(4096).decode(), re.M))
    with open(os.path.join(directory, "done"), "w", encoding="utf-8"):
        pass
    wrong = [key for key, crosses in wanted.items() if crosses != (key in come)]
    print("crossed:", *sorted(come))
    print("the table is wrong on:", *wrong or ["nothing"])
    return 1 if wrong or len(wanted) < 12 else 0


def send(directory):
    """All of the keys, and READY=1 last, which each version passes."""
    with open(os.path.join(directory, "keys"), encoding="utf-8") as file:
        keys = file.read().split()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(os.environ["NOTIFY_SOCKET"])
        for key in sorted(keys, key=lambda key: key == "READY"):
            sender.send(f"{key}=1".encode())
        while not os.path.exists(os.path.join(directory, "done")):
            time.sleep(0.02)


if __name__ == "__main__":
    sys.exit({"check": check, "send": send}[sys.argv[1]](*sys.argv[2:]))
