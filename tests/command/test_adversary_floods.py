#!/usr/bin/python3
"""A container writes to or replaces its journal without end.

`wait` must use little memory and write few log lines, and a signal must end it during the attack.
"""

import itertools
import os
import signal
import time
import unittest

import adversary
import bridge
from adversary import LONG
from journal import (
    LONGEST_PAYLOAD,
    Series,
    fresh_run,
    header,
    message,
    messages,
    record,
)
from shared_dir import BARRIER, STATE
from traps import TEBIBYTE, exchange, make_file, punch_hole


class Floods(adversary.Case):
    """Tests with input at full speed: how much it costs `wait`, and whether `wait` can end."""

    def setUp(self):
        super().setUp()
        self.manager = self.receiver()

    def started(self, *options):
        words = [*options, "--stop-timeout=2s", "sleep", "infinity"]
        return self.start_wait(*words, receiver=self.manager)

    def flooding(self, payload, kind=1, ahead=200_000):
        """Returns a step that appends such records, while at most AHEAD records are not
        acknowledged."""
        series = Series(payload, kind)
        journal = self.run_of_ours()
        first = 1

        def step():
            nonlocal first
            if first > self.acknowledged() + ahead:
                time.sleep(0.001)
                return
            journal.write(series.records(first, 1000))
            first += 1000

        return step

    def burst_of(self, process, sequence=1 << 64):
        """Returns a function that returns whether the allowed burst is over. It is over if `wait`
        has acknowledged SEQUENCE or used 0.5 s of processor time, or after 3 s."""
        begin = time.monotonic()
        return lambda: (
            self.acknowledged() >= sequence
            or adversary.cpu_seconds(process.pid) > 0.5
            or time.monotonic() > begin + 3
        )

    def withstand_backlog(self, payload, count, *options, kind=1, stride=1):
        """Writes COUNT such records at once, more than `wait` can read during the measurement.

        The measurement begins after the allowed burst, so only the rate counts.
        """
        series = Series(payload, kind)
        numbers = iter(range(1, 1 + count * stride, stride))
        journal = self.run_of_ours(name=".journal")
        while records := b"".join(map(series.record, itertools.islice(numbers, 1000))):
            journal.write(records)
        process = self.started(*options)
        os.rename(self.entry(".journal"), self.entry("journal"))
        over = self.burst_of(process, 100_000 * stride)
        self.withstand(process, lambda: time.sleep(0.01), warm_up=over)
        self.assertEqual([text for text in self.manager.messages if not text.startswith(b"X_")], [])

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_refused_keys(self):
        self.withstand_backlog(b"A=1\n" * 10, 250_000)

    def test_wait_withstands_messages_of_refused_lines(self):
        self.withstand_backlog(b"A=\n" * 1365, 16_000)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_malformed_messages(self):
        self.withstand_backlog(b"X_A=1\0X_B=2", 250_000)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_main_pids_of_missing_processes(self):
        # `wait` searches for each pid among all processes of the host.
        self.withstand_backlog(b"MAINPID=4000000", 50_000, "--main-pid=translate")

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_gaps_in_the_sequence(self):
        self.withstand_backlog(b"NOTIFYACCESS=all", 250_000, stride=3)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_barriers(self):
        # `wait` waits for the service manager's answers, but does not use more and more
        # descriptors.
        process = self.started()
        step = self.flooding(b"", BARRIER, ahead=50_000)
        with adversary.Attack(step):
            bridge.eventually("a good many", lambda: self.acknowledged() > 20_000)
            self.assertLess(adversary.open_descriptors(process.pid), 700)
            self.assert_small(process)
            self.stop(process, -signal.SIGTERM)

    def test_wait_ends_during_an_endless_flood(self):
        process = self.started()
        with adversary.Attack(self.flooding(b"X_FLOOD=1")):
            bridge.eventually("a good many", lambda: self.acknowledged() > 10_000)
            self.stop(process, -signal.SIGTERM)

    def rotating(self, records, times=1, fresh=False, alive=False):
        """Returns a step that replaces the journal with a file of the same run, or of a new run if
        FRESH is true."""
        run = fresh_run()
        names = (".journal-0", ".journal-1")
        journals = [self.run_of_ours(run=run, alive=alive, name=name) for name in names]
        for journal in journals:
            for _ in range(times):
                journal.write(records)
        hidden, shown = itertools.cycle((0, 1)), itertools.cycle((0, 1))

        def step():
            # The hidden file gets another run's header.
            if fresh:
                os.pwrite(journals[next(hidden)].fd, header(fresh_run()), 0)
            # The previous file loses its name, and its reader gets an event for that.
            self.put_link(names[next(shown)], "journal")

        return step

    def test_wait_withstands_endless_new_runs(self):
        process = self.started()
        self.withstand(process, self.rotating(messages(1), fresh=True))

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_endless_new_runs_with_a_kept_run(self):
        process = self.start_wait("--keep", receiver=self.manager)
        self.withstand(process, self.rotating(messages(1), fresh=True), 0)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_endless_new_runs_of_ignored_records(self):
        process = self.started()
        nothing = record(0, bytes(LONGEST_PAYLOAD), STATE)
        step = self.rotating(nothing, 512, fresh=True)
        self.withstand(process, step, warm_up=self.burst_of(process))

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_new_runs_of_too_long_messages(self):
        process = self.started()
        records = Series(b"X_A=" + b"x" * (LONGEST_PAYLOAD - 4)).records(1, 512)
        step = self.rotating(records, fresh=True)
        self.withstand(process, step, warm_up=self.burst_of(process))

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_one_run_in_endless_new_files(self):
        process = self.started()
        self.withstand(process, self.rotating(messages(1), alive=True))

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_an_empty_run_in_endless_new_files(self):
        process = self.started()
        self.withstand(process, self.rotating(b"", alive=True))

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_one_run_with_ignored_records(self):
        process = self.started()
        nothing = record(0, bytes(LONGEST_PAYLOAD), STATE)
        step = self.rotating(nothing, 512, alive=True)
        self.withstand(process, step, warm_up=self.burst_of(process))

    def test_wait_withstands_writes_that_change_nothing(self):
        # Two kinds of writes alternate, because the kernel merges equal events.
        process = self.started()
        journal = self.run_of_ours()
        bridge.eventually("it reads", lambda: b"RUN_ID" in self.bytes_of("host"))

        def step():
            os.utime(journal.fd)
            os.pwrite(journal.fd, b"N", 0)

        self.withstand(process, step)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_endlessly_closed_files(self):
        process = self.started()
        self.run_of_ours()
        bridge.eventually("it reads", lambda: b"RUN_ID" in self.bytes_of("host"))
        step = lambda: os.close(os.open(self.entry("journal"), os.O_WRONLY))
        self.withstand(process, step)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_endless_new_names(self):
        process = self.started()

        def step():
            os.mkdir(self.entry("name"))
            os.rmdir(self.entry("name"))

        self.withstand(process, step)

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_bytes_added_and_removed(self):
        # The bytes at the reader's offset are written, cut, added and punched out.
        process = self.started()
        journal = self.run_of_ours(content=messages(1))
        self.manager.wait_for(message(1))
        begin = os.fstat(journal.fd).st_size
        whole = messages(2)
        changes = itertools.cycle(
            (
                lambda: os.pwrite(journal.fd, whole[:20], begin),
                lambda: os.pwrite(journal.fd, bytes(4096), begin),
                lambda: os.ftruncate(journal.fd, begin),
                lambda: os.ftruncate(journal.fd, TEBIBYTE),
                lambda: punch_hole(journal.fd, begin, 4096),
                lambda: os.ftruncate(journal.fd, begin),
            )
        )
        self.withstand(process, lambda: next(changes)())

    @unittest.skipUnless(LONG, "only with NOTIFYBRIDGE_LONG=1")
    def test_wait_withstands_a_run_rewritten_in_its_place(self):
        # The file is damaged, and in the next moment it contains another run.
        process = self.started()
        journal = self.run_of_ours(alive=False)
        contents = itertools.cycle((os.urandom(200), bytes(200), header(fresh_run()) + messages(1)))

        def step():
            os.pwrite(journal.fd, next(contents), 0)
            # The file also gets a new name, which is an event of the directory.
            os.rename(self.entry("journal"), self.entry(".journal"))
            os.rename(self.entry(".journal"), self.entry("journal"))

        self.withstand(process, step)

    def test_wait_withstands_a_different_fault_each_time(self):
        # Each fault is logged, but not as often as the container causes it.
        process = self.started()
        paths = [self.entry(f".journal-{number}") for number in range(64)]
        for number, path in enumerate(paths):
            make_file(header(fresh_run(), version=100 + number))(path)
        os.link(paths[0], self.entry("journal"))
        rounds = itertools.cycle(paths)
        self.withstand(process, lambda: exchange(next(rounds), self.entry("journal")))

    def test_wait_ends_while_it_reads_an_old_backlog(self):
        journal = self.run_of_ours()
        block = record(0, bytes(LONGEST_PAYLOAD), STATE) * 16
        for _ in range(64):
            journal.write(block)
        process = self.start_wait("--keep", receiver=self.manager)
        blocks = iter(range(256))
        step = lambda: journal.write(block) if next(blocks, None) else time.sleep(0.01)
        with adversary.Attack(step):
            self.stop(process, 0)


adversary.main()
