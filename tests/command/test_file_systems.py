#!/usr/bin/python3
"""Tests file systems that are read-only, become read-only, exceed a quota, or are full when `wait`
returns. Also tests a missing /proc."""

import os
import shutil
import signal
import subprocess
import sys
import unittest

import bridge

COUNT = 2000
NUMBERS = [b"X_NUMBER=%d" % number for number in range(COUNT)]

FLOOD = f"""
with connect() as sender:
    for number in range({COUNT}):
        sender.send(b"X_NUMBER=%d" % number)
barrier()
sys.exit(3)
"""


class FileSystems(bridge.Case):
    """Tests with a shared directory on a new file system, which disappears with the test."""

    def mount(self, *words):
        """Mounts a file system as a new shared directory. WORDS are arguments of mount(8)."""
        self.renew_shared_directory()
        self.run_tool("mount", *words, self.shared)
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.shared], check=False)

    def run_tool(self, *words):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            self.skipTest(f"{' '.join(words)}: {done.stderr.strip()}")

    def image(self, size, *make):
        """Returns a file in which the command MAKE has created a file system."""
        image = self.path("image")
        with open(image, "w", encoding="utf-8") as file:
            os.truncate(file.fileno(), size)
        if not shutil.which(make[0]):
            self.skipTest(f"{make[0]} is not here")
        self.run_tool(*make, image)
        return image

    def test_a_read_only_file_system_is_reported(self):
        self.mount("-t", "tmpfs", "-o", "ro,mode=755", "tmpfs")
        for name in (bridge.WAIT, bridge.WRAP):
            with self.subTest(name):
                result = self.run_to_end(name, "true")
                self.assert_refused(result, self.shared, "Read-only file system")

    def test_a_file_system_may_become_read_only(self):
        self.mount(
            *("-o", "loop,errors=remount-ro"),
            self.image(4 << 20, "mkfs.ext4", "-q", "-O", "^has_journal"),
        )
        self.shared = os.path.join(self.shared, "shared")
        os.mkdir(self.shared, 0o755)
        device = os.stat(self.shared).st_dev
        name = os.path.basename(os.readlink(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))
        trigger = f"/sys/fs/ext4/{name}/trigger_fs_error"
        if not os.path.exists(trigger):
            self.skipTest("this kernel's ext4 has no errors on demand")
        receiver = self.receiver()
        reading, writing = os.pipe()
        code = """
        notify("READY=1")
        sys.stdin.readline()
        notify("STATUS=lost")
        sys.exit(3)
        """
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app("if True:" + code)),
            NOTIFY_SOCKET=receiver.path,
            stdin=reading,
        )
        os.close(reading)
        receiver.wait_for(b"READY=1")
        with open(trigger, "w", encoding="utf-8") as file:
            file.write("1")
        os.write(writing, b"go on\n")
        os.close(writing)
        self.assertEqual(process.wait(), 3, process.err)
        self.assertEqual(receiver.messages, [b"READY=1"])
        self.assertIn("cannot write the journal: Read-only file system", process.err)
        self.assertIn("bytes of messages are lost", process.err)

    def test_a_full_quota_loses_no_message(self):
        if not shutil.which("btrfs"):
            self.skipTest("btrfs, for a file system with quotas, is not here")
        self.mount("-o", "loop", self.image(128 << 20, "mkfs.btrfs", "-q"))
        top, self.shared = self.shared, os.path.join(self.shared, "shared")
        self.run_tool("btrfs", "subvolume", "create", self.shared)
        self.run_tool("btrfs", "quota", "enable", top)
        receiver = self.receiver()
        filling = 'b"X_NUMBER=%d\\nX_FILL=' + "x" * 200 + '"'
        reading, writing = os.pipe()
        app = bridge.app("sys.stdin.readline()\n" + FLOOD.replace('b"X_NUMBER=%d"', filling))
        wrap = self.start(bridge.WRAP, *app, stdin=reading)
        os.close(reading)
        wait = self.start_wait(receiver)
        bridge.eventually("wait is attached", lambda: b"RUN_ID" in self.host())
        wait.signal(signal.SIGSTOP)
        self.run_tool("btrfs", "qgroup", "limit", "160k", self.shared)
        os.close(writing)
        wrap_says = "cannot write the journal: Disk quota exceeded"
        bridge.eventually("the quota is used up", lambda: wrap_says in wrap.err)
        wait.signal(signal.SIGCONT)
        bridge.eventually("wait reads", lambda: receiver.messages)
        # Now `wait` cannot acknowledge the messages that it reads, because btrfs never overwrites
        # data in place.
        limits = ["btrfs", "qgroup", "limit", "none", self.shared]
        bridge.eventually(
            # Removing the limit also needs room.
            "the limit is taken away",
            lambda: subprocess.run(limits, capture_output=True, check=False).returncode == 0,
        )
        self.assertEqual(wrap.wait(), 3, wrap.err)
        self.assertEqual(wait.wait(), 3, wait.err)
        self.assertEqual(len(receiver.messages), COUNT, wrap.err + wait.err)
        self.assertEqual([message.split(b"\n")[0] for message in receiver.messages], NUMBERS)
        self.assertNotIn("lost", wrap.err)

    def test_wait_resumes_on_a_full_file_system(self):
        # `wait` can acknowledge messages, and so makes room, although the file system is full.
        self.mount("-t", "tmpfs", "-o", "size=64k,mode=755", "tmpfs")
        receiver = self.receiver()
        reading, writing = os.pipe()
        app = bridge.app("sys.stdin.readline()\n" + FLOOD)
        wrap = self.start(bridge.WRAP, *app, stdin=reading)
        os.close(reading)
        first = self.start_wait(receiver)
        bridge.eventually("wait is attached", lambda: b"RUN_ID" in self.host())
        first.signal(signal.SIGKILL)
        first.wait()
        os.close(writing)
        wrap_says = "cannot write the journal: No space left on device"
        bridge.eventually("the disk is full", lambda: wrap_says in wrap.err)
        second = self.start_wait(receiver)
        self.assertEqual(wrap.wait(), 3, wrap.err)
        self.assertEqual(second.wait(), 3, second.err)
        self.assertEqual(len(receiver.messages), COUNT, wrap.err + second.err)
        self.assertEqual(receiver.messages, NUMBERS)
        self.assertNotIn("lost", wrap.err)

    @unittest.skipIf(
        os.environ.get("NOTIFYBRIDGE_FIGURES") == "no", "LeakSanitizer needs /proc"
    )
    def test_a_run_works_without_proc(self):
        # A chroot, or bwrap without --proc, has no /proc. Even so, a stop must reach the app, and a
        # run must be able to take over from the previous one.
        hide = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /proc && exec "$@"', "sh"]
        code = """
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))
        notify("READY=1")
        barrier()
        notify("STATUS=idle")
        while True:
            signal.pause()
        """
        for _ in range(2):
            receiver = self.receiver()
            process = self.start(
                bridge.WAIT,
                *hide,
                *self.command(bridge.WRAP, *bridge.app("if True:" + code)),
                NOTIFY_SOCKET=receiver.path,
            )
            receiver.wait_for(b"STATUS=idle")
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait(), 4, process.err)
            self.assertEqual(receiver.messages, [b"READY=1", b"STATUS=idle"])

    def start_wait(self, receiver):
        return self.start(bridge.WAIT, NOTIFY_SOCKET=receiver.path, INVOCATION_ID="one")

    def host(self):
        try:
            with open(os.path.join(self.shared, "host"), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""


if os.geteuid() != 0:
    print("skipped: only root can mount a file system")
    sys.exit(bridge.SKIPPED)
bridge.main()
