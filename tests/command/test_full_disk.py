#!/usr/bin/python3
"""Tests a shared directory of 64 kB. Messages that do not fit must wait, and none may be lost."""

import itertools
import os
import shutil
import signal
import sys
import time

import bridge

COUNT = 5000
# When the journal has this size, one page of the disk is free. `wait` has read most of the
# messages, so this page has room for the next journal with the unread rest.
MOST_OF_THE_DISK = 55_000

FLOOD = f"""
with connect() as sender:
    for number in range({COUNT}):
        sender.send(b"X_NUMBER=%d" % number)
    sender.send(b"READY=1\\nSTATUS=done")
"""


class FullDisk(bridge.Case):
    def setUp(self):
        super().setUp()
        for tool in ("unshare", "nsenter"):
            os.symlink(shutil.which(tool), os.path.join(self.bin, tool))

    def start_on_small_disk(self, name, *arguments, before=":", size="size=68k", **env):
        """Starts a program in a mount namespace where the shared directory is a separate, small
        file system. The script BEFORE runs first."""
        mount = f"mount -t tmpfs -o {size},mode=755 tmpfs {self.shared}"
        script = f'{mount} || exit; {before}; exec "$@"'
        words = ["--mount", "sh", "-c", script, "sh", *self.command(name, *arguments)]
        return self.start("unshare", *words, **env)

    def test_a_full_disk_loses_no_message_and_keeps_the_order(self):
        receiver = self.receiver()
        process = self.start_on_small_disk(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app(FLOOD)),
            NOTIFY_SOCKET=receiver.path,
        )
        self.assertEqual(process.wait(), 0, process.err)
        wanted = [b"X_NUMBER=%d" % number for number in range(COUNT)] + [b"READY=1\nSTATUS=done"]
        receiver.wait_until("all of them", lambda messages: len(messages) >= len(wanted))
        self.assertEqual(receiver.messages, wanted)
        self.assertIn("cannot write the journal: No space left on device", process.err)
        self.assertNotIn("lost", process.err)

    def test_the_status_is_written_when_there_is_room_again(self):
        # After the first message, the journal has a page with room for the second message.
        code = """
notify("X_FIRST=1")
time.sleep(0.3)
with open(os.environ["SHARED_DIR"] + "/filling", "wb", buffering=0) as file:
    try:
        while file.write(bytes(512)):
            pass
    except OSError:
        pass
notify("READY=1")
sys.stdin.readline()
os.unlink(file.name)
stay()
"""
        orders, our_end = os.pipe()
        process = self.start_on_small_disk(bridge.WRAP, "--verbose", *bridge.app(code), stdin=orders)
        os.close(orders)
        self.addCleanup(os.close, our_end)
        failure = "cannot write the file container-status of the shared directory: No space left on device"
        for text in (failure, "Process signaled ready!"):
            bridge.eventually(text, lambda wanted=text: wanted in process.err)
        shared = f"/proc/{process.pid}/root{self.shared}"
        _, out, _ = self.run_to_end("notifybridge", "status", "--check", shared)
        self.assertIn("its file system is full", out)
        # After this pause, no retry because of this message is pending.
        time.sleep(0.5)
        os.write(our_end, b"make room\n")

        def says_ready():
            with open(f"{shared}/container-status", encoding="utf-8") as file:
                return "STATE=ready\n" in file.read()

        bridge.eventually("the status is written", says_ready)
        process.signal(signal.SIGTERM)
        process.wait()

    def test_a_slow_reader_of_the_old_journal_gets_all_messages(self):
        code = f"""
sender, number = connect(), 0
def flood(count):
    global number
    for number in range(number, number + count):
        sender.send(b"X_NUMBER=%d" % number)
    number += 1
for order in sys.stdin:
    if order == "rest\\n":
        break
    flood(20)
    if order == "and wait\\n":
        barrier()
    print(number, flush=True)
for _ in range({COUNT} // 10):
    flood(10)
    time.sleep(0.001)
print(number, flush=True)
"""
        receiver = self.receiver()
        orders, our_end = os.pipe()
        process = self.start_on_small_disk(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app(code)),
            stdin=orders,
            NOTIFY_SOCKET=receiver.path,
        )
        os.close(orders)
        self.addCleanup(os.close, our_end)
        journal = f"/proc/{process.pid}/root{self.shared}/journal"

        def order(what):
            said = process.out
            os.write(our_end, what)
            bridge.eventually("the app has done it", lambda: process.out != said)
            return os.stat(journal)

        # container-status cannot show how long the journal is, because the disk may have no room
        # for it. So the test checks the size of the journal.
        while (before := order(b"and wait\n")).st_size < MOST_OF_THE_DISK:
            pass
        # All but a few messages are acknowledged, so the next journal is created while this one
        # stays open.
        process.signal(signal.SIGSTOP)
        while order(b"go on\n").st_ino == before.st_ino:
            pass
        os.write(our_end, b"rest\n")
        status = os.path.join(os.path.dirname(journal), "container-status")
        bridge.eventually("the disk is full again", lambda: not os.path.exists(status))
        process.signal(signal.SIGCONT)
        self.assertEqual(process.wait(), 0, process.err)
        # The number of messages that fit before the disk is full depends on timing.
        wanted = [b"X_NUMBER=%d" % number for number in range(int(process.out.split()[-1]))]
        receiver.wait_until("all of them", lambda messages: len(messages) >= len(wanted))
        self.assertEqual(receiver.messages, wanted)

    def test_messages_in_memory_reach_a_wait_that_resumes(self):
        code = """
        for first in (0, 100):
            sys.stdin.readline()
            with connect() as sender:
                for number in range(first, first + 100):
                    sender.send(b"X_NUMBER=%d" % number)
            print(first, flush=True)
        barrier()
        print("passed", flush=True)
        stay()
        """
        receiver = self.receiver()
        orders, our_end = os.pipe()
        wrap = self.start_on_small_disk(bridge.WRAP, *bridge.app("if True:" + code), stdin=orders)
        os.close(orders)
        self.addCleanup(os.close, our_end)
        shared = f"/proc/{wrap.pid}/root{self.shared}"
        journal = os.path.join(shared, "journal")
        bridge.eventually("wrap is there", lambda: os.path.exists(journal))
        wait = self.start_wait_in_mount_namespace_of(wrap, receiver)
        os.write(our_end, b"speak\n")
        receiver.wait_until("the first of them", lambda messages: len(messages) == 100)
        with open(journal, "rb") as held, open(os.path.join(shared, "fill"), "wb", 0) as fill:
            # The file system stays full, even after a rotation.
            with self.assertRaises(OSError):
                while True:
                    fill.write(bytes(4096))
            os.write(our_end, b"speak\n")
            bridge.eventually("the app has said all", lambda: "100" in wrap.out)
            before = os.fstat(held.fileno()).st_ino
            bridge.eventually("it was rotated", lambda: os.stat(journal).st_ino != before)
            on_disk = os.pread(held.fileno(), 65536, 0).count(b"X_NUMBER=")
            self.assertLess(on_disk, 200)
            receiver.wait_until("what is on the disk", lambda messages: len(messages) == on_disk)
            wait.signal(signal.SIGKILL)
            wait.wait()
            wait = self.start_wait_in_mount_namespace_of(wrap, receiver)
            bridge.eventually("it is attached", lambda: "attached" in wait.err)
            self.assertNotIn("passed", wrap.out)
            os.unlink(fill.name)
        bridge.eventually("the barrier has come back", lambda: "passed" in wrap.out)
        self.assertEqual(receiver.messages, [b"X_NUMBER=%d" % number for number in range(200)])

    def test_a_signal_reaches_the_app_despite_a_full_disk(self):
        code = """
        def told(signal, _):
            print(signal, flush=True)
            if signal == 15:
                sys.exit(4)
        for number in (1, 15):
            signal.signal(number, told)
        notify("READY=1"); stay()
        """
        receiver = self.receiver()
        wrap = self.start_on_small_disk(bridge.WRAP, *bridge.app("if True:" + code))
        shared = f"/proc/{wrap.pid}/root{self.shared}"
        bridge.eventually("wrap is there", lambda: os.path.exists(os.path.join(shared, "journal")))
        wait = self.start_wait_in_mount_namespace_of(wrap, receiver, "--stop")
        receiver.wait_for(b"READY=1")
        # The file system may also be full because it has too many files.
        with self.assertRaises(OSError):
            for number in itertools.count():
                with open(os.path.join(shared, f"fill-{number}"), "wb", 0) as fill:
                    fill.write(bytes(512))
        for number in (signal.SIGHUP, signal.SIGTERM):
            wait.signal(number)
            bridge.eventually("the app has it", lambda number=number: f"{number:d}\n" in wrap.out)
        self.assertEqual(wrap.wait(), 4, wrap.err)
        self.assertEqual(wait.wait(), 4, wait.err)
        self.assertNotIn("cannot write the file host", wait.err)

    def start_wait_in_mount_namespace_of(self, process, receiver, option="--keep"):
        namespace = f"--mount=/proc/{process.pid}/ns/mnt"
        words = [namespace, *self.command(bridge.WAIT, "--verbose", option)]
        return self.start("nsenter", *words, NOTIFY_SOCKET=receiver.path, INVOCATION_ID="1" * 32)

    def test_a_run_takes_over_a_full_directory(self):
        first = " ".join(self.command(bridge.WRAP, "true"))
        fill = f"{first}; head -c 68k /dev/zero >{self.shared}/filling"
        code = "notify('READY=1')\nsys.exit(7)"
        process = self.start_on_small_disk(bridge.WRAP, *bridge.app(code), before=fill)
        self.assertEqual(process.wait(), 7, process.err)

    def test_a_directory_without_room_for_a_socket_is_refused(self):
        process = self.start_on_small_disk(bridge.WRAP, "true", size="nr_inodes=2")
        self.assertEqual(process.wait(), 125)
        self.assertIn(f'shared directory "{self.shared}": bind "', process.err)
        self.assertIn("No space left on device; its file system is full", process.err)

    def test_the_state_is_kept_if_there_is_no_reader(self):
        process = self.start_on_small_disk(bridge.WRAP, *bridge.app(FLOOD + "stay()"))
        bridge.eventually(
            "the state is known", lambda: self.answers_ready_in_mount_namespace_of(process)
        )
        self.assertTrue(process.is_running(), process.err)

    def answers_ready_in_mount_namespace_of(self, process):
        namespace = f"--mount=/proc/{process.pid}/ns/mnt"
        words = [namespace, *self.command("notifybridge", "status", "--ready")]
        return self.run_to_end("nsenter", *words)[0] == 0


if os.geteuid() != 0:
    print("skipped: only root can mount a small file system")
    sys.exit(bridge.SKIPPED)
bridge.main()
