#!/usr/bin/python3
"""A container replaces each file that `wait` uses with links, devices, FIFOs and similar traps.

Nothing outside of the shared directory may be opened, written or followed. `wait` must continue,
with little memory and few log lines. When the attack has ended, `wait` must deliver the container's
messages.
"""

import itertools
import os
import shutil
import signal
import subprocess
import unittest

import adversary
import bridge
import filetrace
from adversary import ENTRIES, JOURNAL_ENTRIES
from journal import Journal, host, record
from traps import (
    DEVICES,
    DIRECTORIES,
    can_make_devices,
    clear_flags,
    exchange,
    lease,
    make_file,
    make_full_directory,
    make_tree,
    remove,
    traps,
)

OBSTACLES = {**DIRECTORIES, "a deep tree with many files": make_tree}
STRACE = shutil.which("strace") if adversary.HAS_FIGURES else None


class Traps(adversary.Case):
    def traps(self):
        """Returns each trap that can be created here, as (name, function that creates it)."""
        kinds = traps(self.victim)
        if can_make_devices(self.dir):
            kinds |= DEVICES
        else:
            with self.subTest("devices"):
                self.skipTest("no device node can be made here")
        return kinds.items()

    def clear(self):
        for name in ENTRIES:
            remove(self.entry(name))

    def assert_a_run_is_carried(self, receiver, text):
        """Checks that the messages of a run that replaces all traps are delivered."""
        for name in JOURNAL_ENTRIES:
            remove(self.entry(name))
        journal = self.run_of_ours()
        journal.append(text)
        receiver.wait_for(text)
        return journal

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_wait_survives_traps_made_before_its_start(self):
        for name, make in self.traps():
            with self.subTest(name):
                self.renew_shared_directory()
                for entry in JOURNAL_ENTRIES:
                    make(self.entry(entry))
                if name not in DIRECTORIES:
                    make(self.entry("host"))
                receiver = self.receiver()
                traced = self.path(f"trace-{name}")
                process = self.start_wait("--keep", receiver=receiver, traced=traced)
                self.assert_a_run_is_carried(receiver, b"STATUS=reason")
                self.assertEqual(receiver.messages, [b"STATUS=reason"])
                self.stop(process, 0)
                self.assert_readable(process.err)
                self.assert_kept_to_the_directory(traced, receiver)

    def test_wait_removes_directories_in_the_place_of_files(self):
        # If `wait` did not do this, a container could prevent the next start of its unit.
        for name, make in OBSTACLES.items():
            with self.subTest(name):
                self.renew_shared_directory()
                for entry in (*ENTRIES, "token"):
                    make(self.entry(entry))
                receiver = self.receiver()
                words = self.command(bridge.WRAP, *bridge.app("notify('READY=1')"))
                result = self.run_to_end(bridge.WAIT, *words, NOTIFY_SOCKET=receiver.path)
                self.assertEqual(result[:2], (0, ""), result[2])
                self.assertEqual(receiver.messages, [b"READY=1"])
                for entry in (*ENTRIES, "token"):
                    self.assertIn(f'removed the directory "{self.entry(entry)}"', result[2])
                left = set(os.listdir(self.shared))
                self.assertEqual(left - {"journal", "container-status"}, set())

    def test_a_directory_with_other_content_is_refused(self):
        # For example, /var/log has a directory "journal", which must not be removed.
        for command in ((bridge.WAIT, "true"), (bridge.WRAP, "true")):
            self.renew_shared_directory()
            make_full_directory(self.entry("journal"))
            make_file()(self.entry("syslog"))
            before = sorted(os.listdir(self.entry("journal")))
            result = self.run_to_end(*command, NOTIFY_SOCKET=self.receiver().path)
            self.assert_refused(result, '("syslog")')
            self.assertEqual(sorted(os.listdir(self.entry("journal"))), before)
            self.assertEqual(sorted(os.listdir(self.shared)), ["journal", "syslog"])

    def test_wrap_removes_directories_in_the_place_of_files(self):
        for name, make in OBSTACLES.items():
            with self.subTest(name):
                self.renew_shared_directory()
                receiver = self.receiver()
                process = self.start_wait(receiver=receiver)
                for entry in JOURNAL_ENTRIES:
                    make(self.entry(entry))
                result = self.run_to_end(bridge.WRAP, *bridge.app("notify('READY=1')"))
                self.assertEqual(result[:2], (0, ""), result[2])
                receiver.wait_for(b"READY=1")
                self.assertEqual(process.wait(), 0, process.err)
                for entry in JOURNAL_ENTRIES:
                    self.assertIn(f'removed the directory "{self.entry(entry)}"', result[2])
                left = set(os.listdir(self.shared))
                self.assertEqual(left - {"journal", "container-status"}, set())

    def test_a_directory_that_cannot_be_removed_is_moved_aside(self):
        # A directory is moved aside only a few times. After that, the message names the directory
        # and a remedy.
        self.require_chattr()
        for turn in range(5):
            make_full_directory(self.entry("host"))
            self.make_immutable(self.entry("host/journal"))
            result = self.run_to_end(bridge.WAIT, "true", NOTIFY_SOCKET=self.receiver().path)
            if turn < 4:
                self.assertEqual(result[0], 0, result[2])
        self.assert_refused(result, f"`rm -r {self.entry('host')}` as root")
        self.assertEqual(len(os.listdir(self.shared)), 5)

    def test_an_immutable_file_is_named_with_advice(self):
        self.require_chattr()
        refusing = {
            bridge.WAIT: ("host", "token"),
            bridge.WRAP: ("journal", "notify.sock"),
        }
        for name, entries in refusing.items():
            for entry in entries:
                with self.subTest(name, entry=entry):
                    self.renew_shared_directory()
                    path = self.entry(entry)
                    make_file(b"something")(path)
                    self.make_immutable(path)
                    result = self.run_to_end(name, "true", NOTIFY_SOCKET=self.receiver().path)
                    self.assert_refused(result, f'"{path}" is immutable; run `chattr -i {path}`')
                    self.chattr("-i", path)
                    result = self.run_to_end(name, "true", NOTIFY_SOCKET=self.receiver().path)
                    self.assertEqual(result[0], 0, result[2])

    def chattr(self, change, path):
        words = ["chattr", change, path]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def require_chattr(self):
        path = self.path("changed")
        make_file()(path)
        if not (shutil.which("chattr") and self.chattr("+i", path)):
            self.skipTest("no file can be made immutable here")
        self.chattr("-i", path)

    def make_immutable(self, path):
        self.assertTrue(self.chattr("+i", path))
        handle = os.open(path, os.O_RDONLY)  # The file may get another name.
        self.addCleanup(os.close, handle)
        self.addCleanup(clear_flags, handle)

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_wait_survives_traps_made_while_it_reads(self):
        receiver = self.receiver()
        traced = self.path("trace")
        process = self.start_wait("--keep", receiver=receiver, traced=traced)
        numbers = itertools.count()
        for name, make in self.traps():
            with self.subTest(name):
                journal = self.assert_a_run_is_carried(receiver, b"STATUS=%d" % next(numbers))
                kept = {}
                for entry in ENTRIES:
                    trap = self.entry(f".trap-{entry}")
                    make(trap)
                    if os.path.lexists(self.entry(entry)):
                        exchange(trap, self.entry(entry))
                    else:
                        os.rename(trap, self.entry(entry))
                        trap = None
                    kept[entry] = trap
                # `wait` keeps the file open that it reads, even if its name now belongs to another
                # file.
                text = b"STATUS=%d" % next(numbers)
                journal.append(text)
                receiver.wait_for(text)
                # If `wait` can no longer read a file, it treats the run as ended.
                journal.close()
                for entry, trap in kept.items():
                    remove(self.entry(entry))
                    if trap:
                        remove(trap)
        self.assert_a_run_is_carried(receiver, b"STATUS=%d" % next(numbers))
        self.stop(process, 0)
        self.assertEqual(
            receiver.messages, [b"STATUS=%d" % number for number in range(len(receiver.messages))]
        )
        self.assertEqual(len(receiver.messages), next(numbers))
        self.assert_readable(process.err)
        self.assert_kept_to_the_directory(traced, receiver)

    def swapping(self, entries, *more):
        """Returns a step of an attack that replaces these entries with the next of all traps."""
        makers = [*(make for _, make in self.traps()), *more]
        rounds = itertools.cycle(
            (make, entry, self.entry(f".{entry}-{number}"))
            for number, make in enumerate(makers)
            for entry in entries
        )

        def step():
            make, entry, trap = next(rounds)
            # `wait` removes files that look like its own files, or that it has already read.
            if not os.path.lexists(trap):
                make(trap)
            try:
                exchange(self.entry(entry), trap)
            except FileNotFoundError:
                os.rename(trap, self.entry(entry))

        return step

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_wait_survives_traps_that_race_each_open(self):
        receiver = self.receiver()
        traced = self.path("trace")
        for entry in JOURNAL_ENTRIES:
            make_file()(self.entry(entry))
        process = self.start_wait("--keep", receiver=receiver, traced=traced)
        # There are honest journals between the traps, and `wait` opens one if it still exists.
        step = self.swapping(ENTRIES, *[self.journal_at] * 4)
        with adversary.Attack(step) as attack:
            bridge.eventually("many rounds", lambda: attack.rounds > 20_000 or attack.failure)
            self.stop(process, 0)
        self.assert_readable(process.err)
        self.assert_kept_to_the_directory(traced, receiver)

    def journal_at(self, path):
        journal = Journal(self.shared, name=os.path.basename(path), alive=False)
        self.addCleanup(journal.close)
        journal.append(b"STATUS=race")

    def test_traps_that_race_a_run_cost_little(self):
        receiver = self.receiver()
        words = ["--stop-timeout=100ms", "sleep", "infinity"]
        process = self.start_wait(*words, receiver=receiver)
        journal = self.run_of_ours(content=record(1, b"STATUS=before"))
        receiver.wait_for(b"STATUS=before")
        os.link(journal.path, self.entry(".journal"))
        names = []
        for number, (name, make) in enumerate(self.traps()):
            if name not in DIRECTORIES:  # There can be no links to directories.
                make(self.entry(f".trap-{number}"))
                # A file that gets or loses a name causes an event for its watchers.
                names += [f".trap-{number}", ".journal"]
        rounds = itertools.cycle(names)
        with self.attacked(process, lambda: self.put_link(next(rounds), "journal")):
            journal.sequence = 1
            journal.append(b"STATUS=meanwhile")
            receiver.wait_for(b"STATUS=meanwhile")
            self.stop(process, -signal.SIGTERM)

    def test_traps_without_a_run_cost_little(self):
        receiver = self.receiver()
        for entry in ("journal", "journal.old"):
            os.mkfifo(self.entry(entry))
        process = self.start_wait("sleep", "infinity", receiver=receiver)
        self.withstand(process, self.swapping(["journal", "journal.old", "host"]))

    def test_a_lease_on_the_journal_does_not_block_wait(self):
        receiver = self.receiver()
        handle = lease(self.entry("journal"))
        self.addCleanup(os.close, handle)
        process = self.start_wait("--keep", receiver=receiver)
        self.assert_a_run_is_carried(receiver, b"STATUS=reason")
        self.stop(process, 0)

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_wait_survives_a_replaced_directory(self):
        receiver = self.receiver()
        traced = self.path("trace")
        process = self.start_wait("--keep", receiver=receiver, traced=traced)
        outside = self.path("outside")
        os.mkdir(outside)
        moved = self.path("moved")
        os.rename(self.shared, moved)
        os.symlink(outside, self.shared)
        journal = Journal(moved)
        self.addCleanup(journal.close)
        journal.append(b"STATUS=moved")
        receiver.wait_for(b"STATUS=moved")
        self.stop(process, 0)
        self.assertEqual(os.listdir(outside), [])
        self.shared = moved


class OwnFile(adversary.Case):
    """Tests that remove "host", the file that `wait` writes."""

    def carry(self, journal, receiver, numbers):
        text = b"STATUS=%d" % next(numbers)
        journal.append(text)
        receiver.wait_for(text)

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_wait_writes_only_to_files_that_it_created(self):
        receiver = self.receiver()
        traced = self.path("trace")
        process = self.start_wait("--keep", receiver=receiver, traced=traced)
        numbers = itertools.count()
        for name, make in traps(self.victim).items():
            with self.subTest(name):
                journal = self.run_of_ours()
                self.carry(journal, receiver, numbers)
                remove(self.entry("host"))
                make(self.entry("host"))
                # `wait` writes an acknowledgement. When a new run begins, it writes a new file.
                self.carry(journal, receiver, numbers)
                journal.close()
                remove(self.entry("journal"))
        journal = self.run_of_ours()
        self.carry(journal, receiver, numbers)
        self.stop(process, 0)
        self.assertEqual(
            receiver.messages, [b"STATUS=%d" % number for number in range(next(numbers))]
        )
        self.assert_readable(process.err)
        self.assert_kept_to_the_directory(traced, receiver)

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_wait_survives_a_file_removed_during_its_creation(self):
        receiver = self.receiver()
        traced = self.path("trace")
        process = self.start_wait("--keep", receiver=receiver, traced=traced)

        def step():
            for name in os.listdir(self.shared):
                if name.startswith(".host."):
                    os.unlink(self.entry(name))
                    os.symlink(self.victim, self.entry(name))

        with adversary.Attack(step):
            for number in range(30):
                journal = self.run_of_ours()
                text = b"STATUS=%d" % number
                journal.append(text)
                receiver.wait_for(text)
                journal.close()
        self.stop(process, 0)
        self.assert_readable(process.err)
        self.assert_kept_to_the_directory(traced, receiver)

    def test_wait_survives_an_endlessly_replaced_journal(self):
        receiver = self.receiver()
        journal = self.run_of_ours()
        process = self.start_wait("--keep", receiver=receiver, INVOCATION_ID="one")
        for number in range(2):
            make_file(host(acknowledged=1 << 63))(self.entry(f".host-{number}"))
        rounds = itertools.cycle((0, 1))

        def step():
            exchange(self.entry("host"), self.entry(f".host-{next(rounds)}"))

        with self.attacked(process, step):
            journal.append(b"STATUS=while it is replaced")
            receiver.wait_for(b"STATUS=while it is replaced")
            self.stop(process, 0)


# Either side may create the file again at any moment.
REPLACE = """
def remove(name):
    try:
        os.unlink(name)
    except FileNotFoundError:
        pass

def replace(name, make):
    while True:
        remove(name)
        try:
            return make(name)
        except FileExistsError:
            pass

def link_to(target):
    return lambda name: os.symlink(target, name)

"""


class LiveBridge(bridge.Case):
    """Tests with an app in a working bridge, which removes the bridge's files and continues to
    send."""

    def spoil(self, code):
        """Runs CODE in a working bridge's shared directory. Returns `wait` and the receiver."""
        receiver = self.receiver()
        prelude = "notify('READY=1'); barrier(); os.chdir(os.environ['SHARED_DIR'])\n"
        process = self.start_app(
            receiver, REPLACE + prelude + code + "\nprint('spoilt', flush=True)\nstay()"
        )
        bridge.eventually("the app has done it", lambda: process.out)
        return process, receiver

    def assert_ends(self, process):
        """Checks that a signal ends the process, unless the loss of its run has ended it before."""
        if process.is_running():
            process.signal(signal.SIGTERM)
        self.assertIn(process.wait(), (-signal.SIGTERM, 143), process.err)

    def test_an_app_may_replace_the_journal(self):
        for what, code in (
            ("a link", "replace('journal', link_to('/etc/passwd'))"),
            ("a FIFO", "replace('journal', os.mkfifo)"),
            ("a directory", "replace('journal', os.mkdir)"),
            ("nothing", "os.unlink('journal')"),
            ("rubbish", "os.unlink('journal'); open('journal', 'wb').write(os.urandom(100000))"),
        ):
            with self.subTest(what):
                self.renew_shared_directory()
                process, receiver = self.spoil(
                    code + "\nfor _ in range(10): notify('STATUS=go on')"
                )
                self.assert_ends(process)
                self.assertEqual(receiver.messages[0], b"READY=1")

    def test_an_app_may_replace_any_other_file(self):
        for what, code in (
            ("host is a link", "replace('host', link_to('/etc/passwd'))"),
            ("host is a FIFO", "replace('host', os.mkfifo)"),
            ("host is a directory", "replace('host', os.mkdir)"),
            ("the socket is gone", "os.unlink('notify.sock')"),
            ("container-status is a link", "replace('container-status', link_to('/dev/null'))"),
            ("all is gone", "[remove(name) for name in os.listdir('.')]"),
        ):
            with self.subTest(what):
                self.renew_shared_directory()
                process, _ = self.spoil(code)
                self.assert_ends(process)


class Status(adversary.Case):
    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_status_survives_a_directory_of_traps(self):
        os.symlink(STRACE, os.path.join(self.bin, "strace"))
        for name, make in traps(self.victim).items():
            with self.subTest(name):
                self.renew_shared_directory()
                for entry in ENTRIES:
                    make(self.entry(entry))
                traced = self.path(f"trace-{name}")
                strace = ["-f", "-yy", "-s", "4096", "-o", traced, "-e", f"trace={filetrace.CALLS}"]
                words = self.command("notifybridge", "status", self.shared)
                status, out, err = self.run_to_end("strace", *strace, *words)
                self.assertIn(status, (3, 4), err)
                self.assertNotIn("secret", out + err)
                trace = filetrace.Trace(traced, self.shared, None)
                self.assertGreater(trace.opened, 2, "the trace is empty")
                self.assertEqual(trace.offences, [])


adversary.main()
