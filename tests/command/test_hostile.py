#!/usr/bin/python3
"""A container that does what it likes with the shared directory harms nobody but itself."""

import os
import signal
import time

import bridge


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Hostile(bridge.Case):
    """An app replaces the journal and then runs on; `wait` must end when it is told to."""

    def spoil(self, code):
        """Runs CODE in the shared directory of a bridge that works; returns wait and receiver."""
        receiver = self.receiver()
        prelude = "notify('READY=1'); barrier(); os.chdir(os.environ['SHARED_DIR'])\n"
        process = self.start_app(
            receiver, prelude + code + "\nprint('spoilt', flush=True)\nstay()"
        )
        bridge.eventually("the app has done it", lambda: process.out)
        return process, receiver

    def assert_harmless(self, process):
        """It does not spin, and ends when it is told to."""
        if process.is_running():
            before = cpu_seconds(process.pid)
            began = time.monotonic()
            # A spinning process would use all of the time that it gets in this second.
            time.sleep(1)
            used = cpu_seconds(process.pid) - before
            self.assertLess(used, 0.2 * (time.monotonic() - began), "it spins")
            process.signal(signal.SIGTERM)
        status = process.wait()
        self.assertNotIn(status, (-signal.SIGSEGV, -signal.SIGABRT), process.err)
        return process.err

    def test_the_journal_is_replaced(self):
        for what, code in (
            ("a link", "os.unlink('journal'); os.symlink('/etc/passwd', 'journal')"),
            ("a link to itself", "os.unlink('journal'); os.symlink('journal', 'journal')"),
            ("a FIFO", "os.unlink('journal'); os.mkfifo('journal')"),
            ("a directory", "os.unlink('journal'); os.mkdir('journal')"),
            ("a socket", "os.unlink('journal'); os.mknod('journal', 0o140666)"),
            ("nothing", "os.unlink('journal')"),
            ("an empty file", "os.unlink('journal'); open('journal', 'w').close()"),
            ("rubbish", "os.unlink('journal'); open('journal', 'wb').write(os.urandom(100000))"),
            ("a hole", "os.unlink('journal'); os.truncate(os.open('journal', 0o102), 1 << 40)"),
        ):
            with self.subTest(what):
                self.renew_shared_directory()
                process, receiver = self.spoil(
                    code + "\nfor _ in range(10): notify('STATUS=go on')"
                )
                self.assert_harmless(process)
                self.assertEqual(receiver.messages[0], b"READY=1")

    def test_the_journal_is_cut_or_rewritten_in_its_place(self):
        for what, code in (
            ("cut to nothing", "os.truncate('journal', 0)"),
            ("cut in the middle", "os.truncate('journal', os.path.getsize('journal') // 2)"),
            ("grown by zeros", "os.truncate('journal', os.path.getsize('journal') + 100000)"),
            ("overwritten", "open('journal', 'r+b').write(os.urandom(100000))"),
            ("of another version", "open('journal', 'r+b').write(b'\\xff' * 64)"),
        ):
            with self.subTest(what):
                self.renew_shared_directory()
                process, _ = self.spoil(code + "\nfor _ in range(10): notify('STATUS=go on')")
                self.assert_harmless(process)

    def test_everything_else_is_replaced(self):
        for what, code in (
            ("host is a link", "os.unlink('host'); os.symlink('/etc/passwd', 'host')"),
            ("host is a FIFO", "os.unlink('host'); os.mkfifo('host')"),
            ("host is a directory", "os.unlink('host'); os.mkdir('host')"),
            ("the socket is gone", "os.unlink('notify.sock')"),
            (
                "container-status is a link",
                "os.unlink('container-status'); os.symlink('/dev/null', 'container-status')",
            ),
            ("all is gone", "[os.unlink(name) for name in os.listdir('.')]"),
        ):
            with self.subTest(what):
                self.renew_shared_directory()
                process, _ = self.spoil(code)
                self.assert_harmless(process)

    def test_nothing_outside_is_written(self):
        victim = self.path("victim")
        with open(victim, "w", encoding="utf-8") as file:
            file.write("untouched\n")
        names = ("host", "journal", "container-status", "notify.sock")
        links = f"[os.symlink({victim!r}, name) for name in {names!r}]"
        process, _ = self.spoil(f"[os.unlink(name) for name in {names!r}]; {links}")
        self.assert_harmless(process)
        self.assertEqual(self.read("victim"), "untouched\n")

    def test_wait_starts_in_a_directory_of_traps(self):
        receiver = self.receiver()
        os.mkfifo(os.path.join(self.shared, "journal"))
        os.symlink("/etc/passwd", os.path.join(self.shared, "container-status"))
        process = self.start(bridge.WAIT, NOTIFY_SOCKET=receiver.path)
        host = os.path.join(self.shared, "host")
        bridge.eventually("it is attached", lambda: os.path.exists(host))
        self.assert_harmless(process)
        self.assertEqual(receiver.messages, [])

    def test_status_reads_a_directory_of_traps(self):
        for trap in (os.mkfifo, os.mkdir):
            with self.subTest(trap.__name__):
                self.renew_shared_directory()
                trap(os.path.join(self.shared, "journal"))
                trap(os.path.join(self.shared, "host"))
                status, _, err = self.run_to_end("notifybridge", "status", self.shared)
                self.assertNotIn(status, (0, -signal.SIGSEGV, -signal.SIGABRT), err)


bridge.main()
