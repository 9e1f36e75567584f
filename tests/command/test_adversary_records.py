#!/usr/bin/python3
"""A container writes any data to the journal.

Forged records must be ignored, or must end their run. No message may be delivered twice or out of
order, and no other unit may be affected. The next run must be delivered as usual.
"""

import itertools
import os
import signal
import struct
import unittest

import adversary
import bridge
from adversary import LONG
from journal import (
    LONGEST_PAYLOAD,
    Journal,
    fresh_run,
    header,
    keep_old,
    message,
    messages,
    record,
)
from shared_dir import END, STATE
from traps import TEBIBYTE, make_file, punch_hole

LAST_SEQUENCE = (1 << 64) - 1
LAST_TWO = [LAST_SEQUENCE - 1, LAST_SEQUENCE]


class Forged(adversary.Case):
    """Tests with one forged run after the other, all for the same `wait`."""

    def setUp(self):
        super().setUp()
        self.manager = self.receiver()
        self.process = self.start_wait("--keep", receiver=self.manager)
        self.rounds = itertools.count()

    def tearDown(self):
        self.stop(self.process, 0)
        self.assert_readable(self.process.err)
        super().tearDown()

    def follow(self, journal):
        """Waits until `wait` follows this run."""
        run = b"RUN_ID=" + journal.run.hex().encode()
        bridge.eventually("it follows the run", lambda: run in self.bytes_of("host"))

    def carried_before_the_next_run(self):
        """Returns the messages that were delivered since the last honest run. Then starts another
        honest run."""
        text = b"STATUS=honest %d" % next(self.rounds)
        keep_old(self.shared)
        # The complete file is written at once. `wait` may decide that the run broke off if it sees
        # an incomplete file without a living writer.
        Journal(self.shared, content=record(1, text), alive=False).close()
        self.manager.wait_for(text)
        carried = self.manager.messages[:-1]
        self.manager.messages.clear()
        return carried

    def carried(self, content, spoil=None, alive=False):
        """Returns the messages that are delivered from a forged run with this content. SPOIL
        changes the journal while `wait` follows it."""
        journal = Journal(self.shared, content=content, alive=alive)
        try:
            self.follow(journal)
            if spoil:
                spoil(journal)
        finally:
            journal.close()
        return self.carried_before_the_next_run()

    def test_wait_survives_forged_sequences(self):
        for what, sequences, wanted in (
            ("backwards", [3, 2, 1], [3]),
            ("back and forth", [1, 2, 3, 2, 1, 4], [1, 2, 3, 4]),
            ("repeated", [1, 1, 1, 2, 2], [1, 2]),
            ("nought", [0, 0, 1, 0, 2], [1, 2]),
            ("the last there is", [LAST_SEQUENCE, 0, 1, LAST_SEQUENCE], [LAST_SEQUENCE]),
            ("the last two", LAST_TWO, LAST_TWO),
            ("a gap", [1, 1 << 62, 5, (1 << 62) + 1], [1, 1 << 62, (1 << 62) + 1]),
            ("negative", [1 << 63, 1], [1 << 63]),
        ):
            with self.subTest(what):
                carried = self.carried(messages(*sequences))
                self.assertEqual(carried, [message(number) for number in wanted])

    def test_an_invalid_record_ends_the_run(self):
        good = messages(1)
        for what, rubbish in (
            ("no size, but a payload", record(2, b"X_FORGED=1", size=0)),
            ("the largest size", record(2, b"X_FORGED=1", size=0xFFFFFFFF)),
            ("a size that overflows", record(2, b"X_FORGED=1", size=0xFFFFFFF8)),
            ("one byte too many", record(2, bytes(LONGEST_PAYLOAD + 1))),
            ("more than there is", record(2, b"X_FORGED=1", size=4096)),
            ("a wrong checksum", record(2, b"X_FORGED=1", checksum=0x12345678)),
            ("no checksum", record(2, b"X_FORGED=1", checksum=0)),
            ("type 0", record(2, b"X_FORGED=1", kind=0)),
            ("type 5", record(2, b"X_FORGED=1", kind=5)),
            ("type 65535", record(2, b"X_FORGED=1", kind=65535)),
            ("zeros", bytes(4096)),
            ("ones", b"\xff" * 4096),
            ("half of a record", record(2, b"X_FORGED=1")[:40]),
        ):
            with self.subTest(what):
                carried = self.carried(good + rubbish + messages(2, 3))
                self.assertEqual(carried, [message(1)])
                if what in ("zeros", "a wrong checksum"):
                    self.assertIn("the journal is damaged", self.process.err)

    def test_invalid_payloads_are_dropped(self):
        for what, payload in (
            ("empty", b""),
            ("newlines", b"\n\r\n"),
            ("a NUL byte", b"X_A=1\0X_B=1"),
            ("a backslash at its end", b"X_A=1\\"),
            ("4097 bytes", b"X_A=" + b"x" * 4093),
            ("the longest payload", b"X_A=" + b"x" * (LONGEST_PAYLOAD - 4)),
            ("a barrier that is a message", b"BARRIER=1"),
        ):
            with self.subTest(what):
                self.assertEqual(self.carried(record(1, payload) + messages(2)), [message(2)])

    def test_wait_survives_forged_senders_and_counts(self):
        for forged in (
            {"pid": -1},
            {"pid": -(1 << 31), "uid": 0xFFFFFFFF, "gid": 0xFFFFFFFF},
            {"fds": 65535},
        ):
            with self.subTest(str(forged)):
                carried = self.carried(record(1, b"X_A=1\nNOTIFYACCESS=all", **forged))
                self.assertEqual(carried, [b"X_A=1"])

    def test_wait_survives_forged_headers(self):
        run = fresh_run()
        for what, head, word in (
            ("another version", header(run, version=2), "version 2"),
            ("version 0", header(run, version=0), "version 0"),
            ("the last version", header(run, version=0xFFFFFFFF), "version 4294967295"),
            ("another kind of file", header(run, magic=b"NBJOURN1"), "not a journal"),
            ("a wrong checksum", header(run, checksum=1), "checksum"),
            ("half of it", header(run)[:64], "shorter"),
        ):
            with self.subTest(what):
                make_file(head + messages(1))(self.entry(".forged"))
                if what == "half of it":
                    make_file(head)(self.entry(".forged"))
                os.rename(self.entry(".forged"), self.entry("journal"))
                bridge.eventually("it is refused", lambda: word in self.process.err)
                self.assertEqual(self.carried_before_the_next_run(), [])

    def test_messages_after_the_end_of_a_run_are_ignored(self):
        for end in (b"EXITED=0", b"KILLED=9", b"", b"EXITED=-1", b"\xff" * LONGEST_PAYLOAD):
            for more in (messages(3), record(3, end, END) * 3, record(2, end, END) + messages(4)):
                with self.subTest(f"{end[:20]}, {len(more)} bytes"):
                    content = messages(1) + record(2, end, END) + more
                    spoil = lambda journal: journal.write(messages(5, 6))
                    self.assertEqual(self.carried(content, spoil), [message(1)])

    def test_a_state_in_the_middle_is_ignored(self):
        state = record(9, b"STATE=ready\nSTATUS=forged\nMAINPID=1\n", STATE)
        carried = self.carried(messages(1) + state + messages(2) + state)
        self.assertEqual(carried, [message(1), message(2)])

    def test_wait_survives_changes_during_reading(self):
        half = 128 + len(messages(1))

        def cut(size):
            return lambda journal: os.ftruncate(journal.fd, size)

        def write(data, offset):
            return lambda journal: os.pwrite(journal.fd, data, offset)

        def grow(journal):
            os.ftruncate(journal.fd, TEBIBYTE)

        def punch(journal):
            punch_hole(journal.fd, 0, 4096)
            journal.write(messages(3))

        def shorten_and_go_on(journal):
            os.ftruncate(journal.fd, half)
            journal.write(messages(2, 3))

        for what, spoil, *wanted in (
            ("cut to nothing", cut(0), [1, 2]),
            ("cut within the header", cut(64), [1, 2]),
            ("cut in the middle", cut(half), [1, 2]),
            ("grown to a tebibyte", grow, [1, 2]),
            ("a hole in what was read", punch, [1, 2, 3]),
            # The result depends on whether `wait` reads the file between the two changes.
            ("cut and written again", shorten_and_go_on, [1, 2, 3], [1, 2]),
            ("rewritten from the beginning", write(os.urandom(8192), 0), [1, 2]),
            # The result depends on whether `wait` opens the file by its name again. If so, the new
            # header counts.
            ("another header", write(header(fresh_run()), 0), [1, 2], [1, 2, 1, 2]),
            ("no header", write(bytes(128), 0), [1, 2]),
        ):
            with self.subTest(what):

                def spoil_what_was_read(journal):
                    self.manager.wait_for(message(2))
                    spoil(journal)

                carried = self.carried(messages(1, 2), spoil_what_was_read, alive=True)
                self.assertIn(carried, [[message(number) for number in one] for one in wanted])

    def test_wait_survives_the_same_run_in_another_file(self):
        # A file that replaces a run's journal may have records that the old file did not have.
        journal = Journal(self.shared, content=messages(1, 2))
        self.follow(journal)
        self.manager.wait_for(message(2))
        other = Journal(self.shared, run=journal.run, alive=True, content=messages(2, 1, 7, 3))
        journal.close()
        os.utime(other.fd)
        other.close()
        self.assertLessEqual(
            set(self.carried_before_the_next_run()), {message(1), message(2), message(7)}
        )


class Ends(adversary.Case):
    def test_an_end_record_becomes_an_exit_status(self):
        for payload, wanted in (
            (b"EXITED=0", 0),
            (b"EXITED=255", 255),
            (b"KILLED=9", 137),
            (b"", 1),
            (b"EXITED=", 1),
            (b"EXITED=256", 1),
            (b"EXITED=-1", 1),
            (b"EXITED=0\n", 1),
            (b"EXITED=99999999999999999999", 1),
            (b"KILLED=0", 1),
            (b"KILLED=9999", 1),
            (b"KILLED=0\0", 1),
            (b"\x1b]0;owned\x07", 1),
            (b"EXITED=" + b"0" * (LONGEST_PAYLOAD - 7), (0, 1)),
        ):
            with self.subTest(str(payload[:40])):
                self.renew_shared_directory()
                process = self.start_wait(receiver=self.receiver())
                self.run_of_ours(content=record(1, payload, END), alive=False)
                wanted = wanted if isinstance(wanted, tuple) else (wanted,)
                self.assertIn(process.wait(), wanted, process.err)
                self.assert_readable(process.err)

    def start_with_a_run_that_never_ends(self):
        """Starts `wait` with a command that exits with 0 when `self.go` exists. Returns `wait`."""
        receiver = self.receiver()
        self.go = self.path("go")
        code = f"while not os.path.exists({self.go!r}): time.sleep(0.01)"
        process = self.start_wait("--stop-timeout=100ms", *bridge.app(code), receiver=receiver)
        self.run_of_ours().append(b"STATUS=for ever")
        receiver.wait_for(b"STATUS=for ever")
        return process

    def test_an_endless_lock_does_not_block_a_stop(self):
        process = self.start_with_a_run_that_never_ends()
        make_file()(self.go)
        bridge.eventually("the command is gone", lambda: not adversary.children(process.pid))
        self.assertTrue(process.is_running(), process.err)
        # The forged run claims to be alive, and does not end on a signal.
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)

    def test_a_signal_while_the_command_ends_is_not_lost(self):
        process = self.start_with_a_run_that_never_ends()
        (command,) = adversary.children(process.pid)
        # The command has ended when the signal arrives, but `wait` has not reaped it yet.
        process.signal(signal.SIGSTOP)
        make_file()(self.go)
        bridge.eventually("the command has ended", lambda: adversary.state(command) == "Z")
        process.signal(signal.SIGTERM)
        process.signal(signal.SIGCONT)
        self.assertEqual(process.wait(), 0, process.err)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_an_endless_beat_does_not_block_a_stop(self):
        receiver = self.receiver()
        process = self.start_wait("--keep", receiver=receiver)
        journal = self.run_of_ours(alive=False, beats=True)
        journal.append(b"STATUS=beat")
        receiver.wait_for(b"STATUS=beat")
        beats = itertools.count()
        step = lambda: os.pwrite(journal.fd, struct.pack("<Q", next(beats)), 120)
        self.withstand(process, step, 0)


class State(adversary.Case):
    """Tests of a late `wait` with a forged state."""

    def told(self, text, *more):
        """Returns the datagrams that a late `wait` sends for a run with the state TEXT."""
        self.renew_shared_directory()
        receiver = self.receiver()
        content = record(5, text, STATE) + b"".join(more) + record(9, b"STATUS=last")
        self.run_of_ours(content=content)
        process = self.start_wait("--keep", receiver=receiver)
        bridge.eventually("it has told all", lambda: self.acknowledged() == 9)
        self.stop(process, 0)
        self.assert_readable(process.err)
        return receiver.messages

    def test_wait_sends_only_permitted_keys_of_a_state(self):
        for what, text in (
            ("nothing", b""),
            ("rubbish", os.urandom(4096)),
            ("the longest", b"STATUS=" + b"x" * (LONGEST_PAYLOAD - 7)),
            ("no such state", b"STATE=\x1b]0;owned\x07\nREADY=1\n"),
            ("a key that is never forwarded", b"STATE=ready\nMAINPID=1\nNOTIFYACCESS=all\n"),
            ("a line in a value", b"STATE=ready\nERRNO=5\\nMAINPID=1\\rNOTIFYACCESS=all\n"),
            ("a NUL byte in a value", b"STATE=ready\nERRNO=5\\x00MAINPID=1\n"),
            ("an escape that is none", b"STATE=ready\nERRNO=5\\q\nERRNO=\\x4\n"),
            ("times", b"STATE_SINCE_USEC=99999999999999999999\nWATCHDOG_LAST_USEC=-1\n"),
            ("the same key without end", b"ERRNO=5\n" * 8000),
        ):
            with self.subTest(what):
                told = self.told(text)
                for datagram in told:
                    self.assert_permitted(datagram)
                # A message cannot contain a NUL byte. The datagram that would contain one is
                # dropped.
                if what != "a NUL byte in a value":
                    lines = adversary.as_systemd_reads(b"\n".join(told))
                    self.assertIn("STATUS=last", lines)

    def test_wait_survives_successive_state_records(self):
        more = [record(6 + number, b"STATE=stopping\n", STATE) for number in range(3)]
        self.assertEqual(self.told(b"STATE=ready\n", *more), [b"STOPPING=1\nSTATUS=last"])


class MainPid(adversary.Case):
    def test_a_reader_of_the_journal_does_not_become_main_pid(self):
        # The journal contains the pid of its writer. A container could write the pid of any reader
        # on the host, or of `wait` itself and its children.
        receiver = self.receiver()
        process = self.start_wait("--main-pid=translate", "sleep", "infinity", receiver=receiver)
        namespace = os.stat("/proc/self/ns/pid").st_ino

        def claim(writer, victim, number):
            """Writes a journal with the pid WRITER and with MAINPID=VICTIM. VICTIM is WRITER or its
            child."""
            content = record(1, b"MAINPID=%d" % victim) + record(2, b"STATUS=%d" % number)
            journal = Journal(self.shared, content=content, pid=writer, namespace=namespace)
            receiver.wait_for(b"STATUS=%d" % number)
            journal.close()

        claim(process.pid, process.pid, 0)
        claim(process.pid, *adversary.children(process.pid), 1)
        # Another process of the host has opened the file.
        make_file()(self.entry(".journal"))
        with open(self.entry(".journal"), "rb") as file:
            reader = bridge.Process(
                self.dir, bridge.IDLE, os.environ, file, start_new_session=True
            )
        self.addCleanup(reader.end)
        content = record(1, b"MAINPID=%d" % reader.pid) + record(2, b"STATUS=2")
        make_file(header(fresh_run(), pid=reader.pid, namespace=namespace) + content)(
            self.entry(".journal")
        )
        os.rename(self.entry(".journal"), self.entry("journal"))
        receiver.wait_for(b"STATUS=2")
        self.assertEqual(receiver.messages, [b"STATUS=0", b"STATUS=1", b"STATUS=2"])
        self.stop(process, -signal.SIGTERM)


adversary.main()
