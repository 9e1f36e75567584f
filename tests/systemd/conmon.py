"""Compares the keys that conmon forwards with the table in README.md.

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
    """Returns the row of the table about podman alone: the keys of each column, and the words in
    it."""
    with open(readme, encoding="utf-8") as file:
        header, _, row = re.search(r"^\| what arrives \|.*\n.*\n.*", file.read(), re.M)[0].splitlines()
    assert "--sdnotify=container" in row, row
    keys = [re.findall(r"`([A-Z_]+)", cell) for cell in cells(header)]
    return list(zip(keys[1:], cells(row)[1:], strict=True))


def cells(line):
    return line.strip("| ").split(" | ")


def numbers(version):
    return [int(part) for part in version.split(".")]


def crosses(words, version):
    """Returns whether the keys cross with this version, according to the table. Returns None if the
    table does not cover this version."""
    change = re.fullmatch(r"from conmon ([0-9.]+) on, not with ([0-9.]+)", words)
    if not change:
        return {"yes": True, "no": False}[words]
    newer, older = map(numbers, change.groups())
    if numbers(version) >= newer:
        return True
    return False if numbers(version) <= older else None


def check(readme, version, directory):
    wanted = {key: crosses(words, version) for keys, words in rows(readme) for key in keys}
    if None in wanted.values():
        print(f"skipped: README.md does not describe conmon {version}")
        return SKIPPED
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
    wrong = [key for key, wish in wanted.items() if wish != (key in come)]
    print("crossed:", *sorted(come))
    print("the table is wrong on:", *wrong or ["nothing"])
    return 1 if wrong or len(wanted) < 12 else 0


def send(directory):
    """Sends all of the keys. READY=1 comes last, because every version forwards it."""
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
