#!/usr/bin/python3
"""Kills `wrap` and `wait` at each of their system calls, and makes each call fail.

After that, the promises must still be true: messages in the journal have arrived, once and in
order. Messages that a barrier confirmed have arrived. The next start works. The shared directory
contains only documented files.

Tries a random sample of the calls, or all of them with NOTIFYBRIDGE_LONG=1. NOTIFYBRIDGE_SEED=N
repeats the sample of a test that failed.
"""

import itertools
import os
import random
import signal
import sys
import time

import bridge
import journal  # pylint: disable=unused-import # It makes shared_dir importable.
from crash_points import Point, Trace, can_interfere
from crash_scenarios import ATTACHED, PRELUDE, STARTED
from shared_dir import DATAGRAM, read_header, read_host, read_records

SEED = os.environ.get("NOTIFYBRIDGE_SEED") or str(random.SystemRandom().randrange(10**9))
# How many points of each scenario are tried.
SAMPLE = 10**6 if os.environ.get("NOTIFYBRIDGE_LONG") else 2
# The highest number of messages that are sent again after `wait` was killed.
BATCH = 64
# Long enough for `wait` to find a run that has ended.
QUIET = 0.3
# abs(status) after SIGABRT or SIGSEGV: subprocess returns -6 or -11, a shell exits with 134 or 139.
CRASHES = {6, 11, 128 + 6, 128 + 11}
SAYS_WHY = f"error: |warning: |{bridge.WRAP}: |{bridge.WAIT}: "
DOCUMENTED = {"notify.sock", "journal", "journal.old", "host", "container-status"}


def number_of(payload):
    """Returns the number that the app gave to this message, or None if the app did not send it."""
    for line in payload.split(b"\n"):
        if line.startswith(b"X_NUMBER="):
            return int(line.removeprefix(b"X_NUMBER="))
    return None


class World:
    """One run of a scenario, and the messages that arrived."""

    def __init__(self, case, scenario, victim=None, point=None, error=None):
        self.case, self.scenario = case, scenario
        self.victim, self.point, self.error = victim, point, error
        self.number = next(case.numbers)
        self.place = case.path(f"run-{self.number}")
        os.mkdir(self.place)
        self.trace = Trace(os.path.join(self.place, "trace"))
        self.reader = os.path.join(self.place, "reader")
        self.manager = case.receiver(os.path.join(self.place, "manager"))
        self.waits = []
        self.wrap = None
        self.was_attached = False  # Whether a `wait` has named the run.
        self.seen_by_first = None  # Whether the first of two `wait` had named the run.
        self.heard_by_first = 0  # How many messages arrived through the first `wait`.

    def words(self, who, words):
        return [*self.trace.words(self.point, self.error), *words] if who == self.victim else words

    def container(self):
        app = bridge.app(PRELUDE + self.scenario.app)
        wrap = self.case.command(bridge.WRAP, *self.scenario.wrap, *app)
        return self.words("wrap", wrap)

    def start(self, words):
        env = self.case.environment(
            NOTIFY_SOCKET=self.manager.path,
            INVOCATION_ID=f"{self.number:032x}",
            LEDGER=os.path.join(self.place, "ledger"),
            READER=self.reader,
            FDSTORE="10",
        )
        process = bridge.Process(self.place, words, env, start_new_session=True)
        self.case.addCleanup(process.end)
        return process

    def start_wait(self):
        words = self.case.command(bridge.WAIT, *self.scenario.wait)
        if self.scenario.starts:
            words += self.container()
        self.waits.append(self.start(words if self.waits else self.words("wait", words)))

    def ledger(self, what, until=float("inf")):
        """Returns how many messages were sent, or confirmed, before that time."""
        try:
            with open(os.path.join(self.place, "ledger"), encoding="ascii") as file:
                text = file.read()
        except FileNotFoundError:
            return 0
        # The last line may be incomplete, because the app is writing it.
        lines = [line.split() for line in text.split("\n")[:-1]]
        return max((int(n) for at, word, n in lines if word == what and float(at) <= until), default=0)

    def until(self, what, condition, *processes):
        """Returns whether CONDITION became true before one of PROCESSES ended."""

        def is_over():
            return condition() or not all(process.is_running() for process in processes)

        bridge.eventually(lambda: f"{what}; {self.story()}", is_over)
        return condition()

    def is_attached(self):
        """Returns whether the last `wait` has named the run."""
        try:
            with open(os.path.join(self.case.shared, "journal"), "rb") as file:
                run = read_header(file.read(128))["run"]
            with open(os.path.join(self.case.shared, "host"), "rb") as file:
                facts = read_host(file.read())[2]
        except FileNotFoundError:
            return False
        if facts.get("PID") != str(self.waits[-1].pid) or facts.get("RUN_ID") != run:
            return False
        # Until a first message has arrived, messages may still be folded into the state.
        return not self.scenario.late or bool(self.manager.messages)

    def run(self):
        """Runs the scenario to its end. Returns the exit status of the last `wait`."""
        if self.scenario.starts:
            self.start_wait()
            self.send_signals(self.waits[-1])
            return self.waits[-1].wait()
        self.wrap = self.start(self.container())
        self.until("it is late", lambda: self.ledger("sent") >= self.scenario.late, self.wrap)
        status = self.attach()
        if status != 0 and self.victim == "wait":
            self.seen_by_first = self.was_attached
            self.heard_by_first = len(self.numbers())
            status = self.attach()
        return status

    def attach(self):
        """Starts a `wait` without a command, and returns its exit status."""
        self.start_wait()
        wait = self.waits[-1]
        if self.until("it is attached", self.is_attached, wait, self.wrap):
            self.was_attached = True
            with open(self.reader, "w", encoding="ascii"):
                pass
        elif wait.is_running():
            # The run has ended. Either `wait` still reads messages of an earlier run, or it waits
            # for the next run.
            time.sleep(QUIET)
            if not self.is_attached():
                wait.signal(signal.SIGTERM)
        return wait.wait()

    def send_signals(self, wait):
        for sent, number in self.scenario.signals:
            if self.until("it sends", lambda sent=sent: self.ledger("sent") >= sent, wait):
                wait.signal(number)

    def has_reader(self):
        """Returns whether a `wait` has started the container, or has named the run."""
        return self.scenario.starts or self.was_attached

    def numbers(self):
        return [n for n in map(number_of, self.manager.messages) if n is not None]

    def journaled(self):
        """Returns how many of the app's messages are known to have been in the journal."""
        try:
            with open(os.path.join(self.case.shared, "journal"), "rb") as file:
                records = list(read_records(file.read()))
        except FileNotFoundError:
            return 0
        numbers = [number_of(r["payload"]) for r in records if r["type"] == DATAGRAM]
        return max((n + 1 for n in numbers if n is not None), default=0)

    def story(self):
        """Returns the facts that a person needs to understand a failure."""
        said = [f"{self.scenario.name}, {self.victim} at {self.point} {self.error or ''}"]
        said += [f"heard {self.numbers()}, of {self.ledger('sent')}; seed {SEED}"]
        said += [f"wait: {process.err[-1500:]}" for process in self.waits]
        said += [f"wrap: {self.wrap.err[-1500:]}"] if self.wrap else []
        return "\n".join(said + self.trace.lines()[-8:])


class CrashPoints(bridge.Case):
    def setUp(self):
        super().setUp()
        self.numbers = itertools.count(1)

    def renew(self):
        """Prepares for the next start: new directories, and no process of the last run."""
        self.doCleanups()
        self.setUp()

    def run_whole(self, scenario, victim=None):
        """Runs the scenario without a fault, and checks that all messages arrive."""
        world = World(self, scenario, victim)
        self.assert_whole(world, world.run())
        return world

    def assert_whole(self, world, status):
        heard = world.numbers()
        # Messages that the app sent before `wait` started may be folded.
        first = min(heard[:1] + [world.scenario.late])
        self.assertEqual(heard, list(range(first, world.ledger("sent"))), world.story())
        self.assertEqual(status, 0, world.story())

    def all_points(self, scenario, victim):
        """Returns all system calls that VICTIM makes in a run without a fault."""
        self.renew()
        whole = self.run_whole(scenario, victim)
        whole.trace.end()
        return whole.trace.points()

    def some(self, points, of):
        """Returns the points of the sample."""
        choice = random.Random(f"{SEED} {self.id()} {of}")
        return choice.sample(points, min(SAMPLE, len(points)))

    def kill(self, scenarios, victim, judge):
        """Kills VICTIM at each sample point. JUDGE gets the world and the exit status of `wait`."""
        for scenario in scenarios:
            for point in self.some(self.all_points(scenario, victim), scenario.name):
                with self.subTest(scenario=scenario.name, point=str(point)):
                    self.renew()
                    world = World(self, scenario, victim, point)
                    status = world.run()
                    if world.trace.end():
                        judge(world, status)
                    else:
                        self.assert_whole(world, status)

    def heard_in_order(self, world):
        """Returns how many messages arrived. Fails if they did not arrive once and in order."""
        heard = world.numbers()
        expected = min(heard[:1] + [world.scenario.late])
        for place, number in enumerate(heard):
            if world.seen_by_first is not None and place == world.heard_by_first:
                if world.seen_by_first:
                    self.assertIn(number, range(expected - BATCH, expected + 1), world.story())
                # If the first `wait` had not named the run, a state may have replaced messages.
            else:
                self.assertEqual(number, expected, world.story())
            expected = number + 1
        return expected

    def assert_next_start_works(self, world):
        again = self.run_whole(world.scenario)
        if again.wrap:
            again.wrap.wait()  # Until its end, it may be writing a temporary file.
        files = set(os.listdir(self.shared))
        self.assertLessEqual(files, DOCUMENTED, world.story())
        started = [process.pid for process in [*world.waits, *filter(None, [world.wrap])]]
        bridge.eventually(
            lambda: f"nothing of the first run runs on; {world.story()}; {again.story()}",
            lambda: not any(session in started for _, session in bridge.sessions()),
        )

    def test_messages_written_by_a_killed_wrap_are_delivered(self):
        self.kill(STARTED + ATTACHED, "wrap", self.judge_killed_wrap)

    def judge_killed_wrap(self, world, status):
        confirmed = world.ledger("confirmed", world.trace.last_entry())
        if world.scenario.starts:
            self.assertNotEqual(status, 0, world.story())
        wanted = max(confirmed, world.journaled()) if world.has_reader() else 0
        self.assertGreaterEqual(self.heard_in_order(world), wanted, world.story())
        self.assert_next_start_works(world)

    def test_the_next_wait_resumes_where_a_killed_wait_stopped(self):
        self.kill(ATTACHED, "wait", self.judge_replaced_wait)

    def judge_replaced_wait(self, world, status):
        self.assertEqual(self.heard_in_order(world), world.ledger("sent"), world.story())
        self.assertEqual(status, 0, world.story())
        self.assert_next_start_works(world)

    def test_the_next_unit_starts_after_a_killed_wait(self):
        self.kill(STARTED, "wait", self.judge_killed_wait)

    def judge_killed_wait(self, world, _):
        """Checks that the next `wait` ends the command of a killed `wait`. systemd would kill this
        command. The next `wait` can find it only if its run has begun."""
        session = world.waits[0].pid
        bridge.eventually(
            lambda: f"the command has begun a run or ended; {world.story()}",
            lambda: world.ledger("sent") or session not in dict(bridge.sessions()).values(),
        )
        self.heard_in_order(world)
        self.assert_next_start_works(world)

    def test_a_journal_that_cannot_be_locked_is_refused(self):
        # Without the lock of the journal, `wait` would treat a live run as ended.
        whole = World(self, STARTED[0], "wrap")
        whole.run()
        whole.trace.end()
        calls = [line for line in whole.trace.lines() if " fcntl(" in line]
        locks = [at for at, line in enumerate(calls, 1) if "F_OFD_SETLK" in line]
        world = World(self, STARTED[0], "wrap", Point("fcntl", locks[0]), "ENOLCK")
        self.assertEqual(world.run(), 125, world.story())
        self.assertRegex(world.waits[0].err, r'lock ".?journal.*No locks available', world.story())

    def test_a_failed_system_call_loses_no_message_silently(self):
        for victim in ("wrap", "wait"):
            for scenario in STARTED + ATTACHED:
                self.fail_calls(scenario, victim)

    def fail_calls(self, scenario, victim):
        faults = [(p, error) for p in self.all_points(scenario, victim) for error in p.errors]
        for point, error in self.some(faults, f"{scenario.name} {victim}"):
            with self.subTest(scenario=scenario.name, victim=victim, point=str(point), error=error):
                self.renew()
                world = World(self, scenario, victim, point, error)
                self.judge_fault(world, world.run())

    def judge_fault(self, world, status):
        world.trace.end()
        said = "".join(process.err for process in [*world.waits, *filter(None, [world.wrap])])
        self.assertNotIn(abs(status), CRASHES, world.story())
        heard = self.heard_in_order(world)
        if status != 0 or heard != world.ledger("sent"):
            self.assertRegex(said, SAYS_WHY, world.story())
            self.assertGreaterEqual(heard, world.ledger("confirmed"), world.story())
        self.assert_next_start_works(world)


if __name__ == "__main__":
    if not can_interfere():
        print("skipped: strace(1) cannot interfere with system calls here")
        sys.exit(bridge.SKIPPED)
    bridge.main()
