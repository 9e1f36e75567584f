#!/usr/bin/python3
"""Tests that an app can send as much as possible while `wait` is stopped."""

import os
import signal
import sys
import time

import bridge

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "bench"))
import processes

COUNT = 100_000

# Most messages are STATUS, of which a flood may drop all but the newest. Every tenth message must
# arrive. The messages are numbered to show their order.
SEND = f"""
kinds = ["READY=1", "RELOADING=1\\nMONOTONIC_USEC=1", "X_EVENT=1", "X_OTHER=1"]
with connect() as sender:
    for number in range({COUNT}):
        if number == {COUNT // 2}:
            print("half", flush=True)
            sys.stdin.readline()
        if number % 10:
            sender.send(b"STATUS=number %d" % number)
        else:
            sender.send(f"{{kinds[number // 10 % 4]}}\\nX_NUMBER={{number}}".encode())
    sender.send(b"STOPPING=1\\nX_NUMBER=%d" % {COUNT})
print("all", flush=True)
"""


# This app sends 40 MB, and then nothing.
LONG_COUNT = 10_000
SEND_LONG = f"""
with connect() as sender:
    sys.stdin.readline()
    for number in range({LONG_COUNT}):
        sender.send(b"X_NUMBER=%d\\nX_FILL=" % number + b"x" * 4000)
print("all", flush=True)
barrier()
print("read", flush=True)
stay()
"""


def look_at(pid):
    return {**processes.faults_and_reads(pid), **processes.memory(pid)}


class Burst(bridge.Case):
    def test_a_burst_keeps_all_messages_in_order(self):
        receiver = self.receiver()
        reading, writing = os.pipe()
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app(SEND)),
            NOTIFY_SOCKET=receiver.path,
            stdin=reading,
        )
        os.close(reading)
        bridge.eventually("the app has sent one half", lambda: "half" in process.out)
        process.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        os.write(writing, b"go on\n")
        os.close(writing)
        # The app does not wait for the host. It sends the other half while `wait` is stopped.
        bridge.eventually("the app has sent the other half", lambda: "all" in process.out)
        time.sleep(max(0, stopped + 1 - time.monotonic()))
        process.signal(signal.SIGCONT)
        self.assertEqual(process.wait(), 0, process.err)
        receiver.wait_until(
            "the last of them", lambda messages: messages and messages[-1].startswith(b"STOPPING")
        )
        numbers = []
        for message in receiver.messages:
            line = message.rsplit(b"\n", 1)[-1]
            if line.startswith(b"X_NUMBER="):
                numbers.append(int(line[9:]))
            else:
                self.assertTrue(line.startswith(b"STATUS=number "), line)
        self.assertEqual(numbers, list(range(0, COUNT + 1, 10)))
        order = [int(m.rsplit(b" ", 1)[-1].rsplit(b"=", 1)[-1]) for m in receiver.messages]
        self.assertEqual(order, sorted(order), "STATUS keeps its place among the others")

    def test_a_journal_shrinks_once_it_is_read(self):
        receiver = self.receiver()
        reading, writing = os.pipe()
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app("notify('X_FIRST=1')\n" + SEND_LONG)),
            NOTIFY_SOCKET=receiver.path,
            stdin=reading,
        )
        os.close(reading)
        receiver.wait_for(b"X_FIRST=1")
        process.signal(signal.SIGSTOP)
        os.write(writing, b"go on\n")
        os.close(writing)
        bridge.eventually("the app has sent them", lambda: "all" in process.out)
        self.assertGreater(self.size_of_directory(), 40_000_000)
        process.signal(signal.SIGCONT)
        bridge.eventually("all were read", lambda: "read" in process.out)
        self.assertEqual(len(receiver.messages), LONG_COUNT + 1)
        bridge.eventually(
            lambda: f"{self.size_of_directory()} bytes are left",
            lambda: self.size_of_directory() < 1024 * 1024,
        )

    def test_a_burst_costs_few_page_faults_and_reads(self):
        receiver = self.receiver()
        reading, writing = os.pipe()
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app("notify('X_FIRST=1')\n" + SEND_LONG)),
            NOTIFY_SOCKET=receiver.path,
            stdin=reading,
        )
        os.close(reading)
        receiver.wait_for(b"X_FIRST=1")
        pids = {"wait": process.pid, "wrap": processes.child_of(process.pid)}
        before = {name: look_at(pid) for name, pid in pids.items()}
        os.write(writing, b"go on\n")
        os.close(writing)
        bridge.eventually("all were read", lambda: "read" in process.out)
        for name, pid in pids.items():
            with self.subTest(name):
                after = look_at(pid)
                # DESIGN, Budgets. The counts do not depend on the machine.
                self.assertLessEqual(after["faults"] - before[name]["faults"], LONG_COUNT * 0.2)
                self.assertLessEqual(after["reads"] - before[name]["reads"], LONG_COUNT * 0.1)
                bridge.eventually(
                    lambda: f"{name} gives its memory back: {before[name]}, {look_at(pid)}",
                    lambda: look_at(pid)["private"] <= before[name]["private"] + 48,
                )

    def size_of_directory(self):
        with os.scandir(self.shared) as entries:
            return sum(entry.stat(follow_symlinks=False).st_size for entry in entries)


bridge.main()
