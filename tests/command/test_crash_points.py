#!/usr/bin/python3
"""Kills `wrap`, `wait` and `runtime` at each of their system calls, and makes each call fail.

After that, the promises must still be true: messages in the journal have arrived, once and in
order. Messages that a barrier confirmed have arrived. The next start works. The shared directory
contains only documented files.

Tries one random call of each scenario, NOTIFYBRIDGE_SAMPLE=N tries N calls, and NOTIFYBRIDGE_LONG=1
tries all of them, which takes hours. NOTIFYBRIDGE_SEED=N repeats the sample of a test that failed.
"""

import itertools
import json
import os
import random
import shlex
import shutil
import signal
import socket
import sys
import time

import activated
import bridge
import journal  # pylint: disable=unused-import # It makes shared_dir importable.
from crash_points import Point, Trace, can_interfere
from crash_scenarios import ATTACHED, PRELUDE, STARTED, STRAIGHT
from shared_dir import DATAGRAM, read_header, read_host, read_records

SEED = os.environ.get("NOTIFYBRIDGE_SEED") or str(random.SystemRandom().randrange(10**9))
# How many points of each scenario are tried.
SAMPLE = int(
    os.environ.get("NOTIFYBRIDGE_SAMPLE", 10**6 if os.environ.get("NOTIFYBRIDGE_LONG") else 1)
)
# The highest number of messages that are sent again after `wait` was killed.
BATCH = 64
# Long enough for `wait` to find a run that has ended.
QUIET = 0.3
# abs(status) after SIGABRT or SIGSEGV: subprocess returns -6 or -11, a shell exits with 134 or 139.
CRASHES = {6, 11, 128 + 6, 128 + 11}
SAYS_WHY = f"error: |warning: |{bridge.WRAP}: |{bridge.WAIT}: |notifybridge run: "
# `run` puts a link to itself below root's /run, or below XDG_RUNTIME_DIR.
PRIVATE_RUN = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh"]
PRIVATE_RUN = PRIVATE_RUN if os.geteuid() == 0 else []
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
        self.ledger_path = os.path.join(self.place, "ledger")
        self.manager = case.receiver(os.path.join(self.place, "manager"))
        self.clients = self.listen() if scenario.has_socket else None
        self.waits = []
        self.wrap = None
        self.was_attached = False  # Whether a `wait` has named the run.
        self.seen_by_first = None  # Whether the first of two `wait` had named the run.
        self.heard_by_first = 0  # How many messages arrived through the first `wait`.

    def listen(self):
        """Returns the socket that systemd would pass to the unit."""
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(os.path.join(self.place, "clients"))
        listening.listen()
        self.case.addCleanup(listening.close)
        return listening

    def words(self, who, words):
        return [*self.trace.words(self.point, self.error), *words] if who == self.victim else words

    def container(self):
        app = bridge.app(PRELUDE + self.scenario.app)
        options = [option.replace("{ledger}", self.ledger_path) for option in self.scenario.wrap]
        wrap = self.case.command(bridge.WRAP, *options, *app)
        return [*self.scenario.starter, *self.words("wrap", wrap)]

    def start(self, words, **changes):
        env = {
            "NOTIFY_SOCKET": self.manager.path,
            "INVOCATION_ID": f"{self.number:032x}",
            "LEDGER": self.ledger_path,
            "READER": self.reader,
            "CLIENTS": os.path.join(self.place, "clients"),
            "WRAP": self.case.path("bin", bridge.WRAP),
            "FDSTORE": "10",
            "XDG_RUNTIME_DIR": self.place,
            **changes,
        }
        if self.clients:
            return self.case.start_activated([self.clients], words, **env)
        process = bridge.Process(
            self.place, words, self.case.environment(**env), start_new_session=True
        )
        self.case.addCleanup(process.end)
        return process

    def start_wait(self):
        if self.scenario.by_run:
            words = self.run_words()
        else:
            words = self.case.command(bridge.WAIT, *self.scenario.wait)
            words += self.container() if self.scenario.starts else []
        words = words if self.waits else self.words("wait", words)
        self.waits.append(self.start([*PRIVATE_RUN, *words] if self.scenario.by_run else words))

    def run_words(self):
        """Returns the words of `run`. Its podman is a script that starts the container's `wrap`."""
        podman = self.case.path("bin", "podman")
        with open(podman, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec {shlex.join(self.container())}\n")
        os.chmod(podman, 0o755)
        options = ["--ready-when=notify", podman, "run", "image"]
        return self.case.command("notifybridge", "run", *options)

    def start_straight(self):
        """Starts `wrap` as the unit's main process."""
        sockets = self.case.path("runtime")
        os.makedirs(sockets, exist_ok=True)
        self.wrap = self.start(self.container(), SHARED_DIR=None, RUNTIME_DIRECTORY=sockets)

    def file(self, name):
        """Returns the path of that file of the run."""
        return os.path.join(self.case.shared, self.scenario.member, name)

    def ledger(self, what, until=float("inf")):
        """Returns how many messages were sent, or confirmed, before that time."""
        try:
            with open(self.ledger_path, encoding="ascii") as file:
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
            with open(self.file("journal"), "rb") as file:
                run = read_header(file.read(128))["run"]
            with open(self.file("host"), "rb") as file:
                facts = read_host(file.read())[2]
        except FileNotFoundError:
            return False
        if facts.get("PID") != str(self.waits[-1].pid) or facts.get("RUN_ID") != run:
            return False
        # Until a first message has arrived, messages may still be folded into the state.
        return not self.scenario.late or bool(self.manager.messages)

    def run(self):
        """Runs the scenario to its end. Returns the exit status of the last `wait`, or of `wrap` if
        there is no `wait`."""
        if self.scenario in STRAIGHT:
            self.start_straight()
            self.send_signals(self.wrap)
            return self.wrap.wait()
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

    def send_signals(self, process):
        for sent, number in self.scenario.signals:
            if self.until("it sends", lambda sent=sent: self.ledger("sent") >= sent, process):
                process.signal(number)

    def has_reader(self):
        """Returns whether a `wait` has started the container, or has named the run."""
        return self.scenario.starts or self.was_attached

    def numbers(self):
        return [n for n in map(number_of, self.manager.messages) if n is not None]

    def journaled(self):
        """Returns how many of the app's messages are known to have been in the journal."""
        try:
            with open(self.file("journal"), "rb") as file:
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


class Sampled(activated.Case):
    def some(self, points, of):
        """Returns the points of the sample."""
        choice = random.Random(f"{SEED} {self.id()} {of}")
        return choice.sample(points, min(SAMPLE, len(points)))


class CrashPoints(Sampled):
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
        self.assertEqual(status, world.scenario.status, world.story())
        self.assertFalse(world.ledger("lost"), world.story())

    def all_points(self, scenario, victim):
        """Returns all system calls that VICTIM makes in a run without a fault."""
        self.renew()
        whole = self.run_whole(scenario, victim)
        whole.trace.end()
        return whole.trace.points()

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
        if world.scenario not in STRAIGHT:
            files = set(os.listdir(os.path.join(self.shared, world.scenario.member)))
            self.assertLessEqual(files, DOCUMENTED, world.story())
        started = [process.pid for process in [*world.waits, *filter(None, [world.wrap])]]
        bridge.eventually(
            lambda: f"nothing of the first run runs on; {world.story()}; {again.story()}",
            lambda: not any(session in started for _, session in bridge.sessions()),
        )

    def test_messages_written_by_a_killed_wrap_are_delivered(self):
        self.kill(STARTED + ATTACHED + STRAIGHT, "wrap", self.judge_killed_wrap)

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
        self.assertEqual(status, world.scenario.status, world.story())
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
        for scenario in STRAIGHT:
            self.fail_calls(scenario, "wrap")

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
        is_whole = heard == world.ledger("sent") and not world.ledger("lost")
        if status != world.scenario.status or not is_whole:
            self.assertRegex(said, SAYS_WHY, world.story())
            # Once the `wait` that started the container has failed, barriers are answered at once.
            is_over = world.victim == "wait" and world.scenario.starts
            until = world.trace.last_entry() if is_over else float("inf")
            self.assertGreaterEqual(heard, world.ledger("confirmed", until), world.story())
        self.assert_next_start_works(world)


class RuntimeCrashPoints(Sampled):
    """Interrupts `runtime` before it becomes the real runtime, a script that writes down the file
    that it was given."""

    def setUp(self):
        super().setUp()
        self.bundle = self.path("bundle")
        self.config = self.path("bundle", "config.json")
        self.given = self.path("given")
        os.mkdir(self.path("real"))
        with open(self.path("real", "crun"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nexec cp {self.config} {self.given}\n")
        os.chmod(self.path("real", "crun"), 0o755)
        os.symlink(bridge.EXECUTABLE, self.path("bin", "crun"))
        self.traces = itertools.count()

    def make_bundle(self):
        """Makes a new bundle. Returns the text of its config.json."""
        shutil.rmtree(self.bundle, ignore_errors=True)
        os.mkdir(self.bundle)
        environment = ["NOTIFYBRIDGE_OPTIONS=", f"SHARED_DIR={self.shared}"]
        config = {
            "ociVersion": "1.0.2",
            "process": {"args": ["app"], "env": environment, "cwd": "/"},
            "root": {"path": "rootfs"},
            "mounts": [{"destination": self.shared, "type": "bind", "source": self.shared}],
        }
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(config, file)
        return json.dumps(config)

    def create(self, *before):
        """Creates a container. Returns the exit status, and the text on standard error."""
        process = bridge.Process(
            self.dir,
            [*before, *self.command("crun", "create", "--bundle", self.bundle, "name")],
            self.environment(PATH=f"{self.path('real')}:/usr/bin:/bin"),
            start_new_session=True,
        )
        self.addCleanup(process.end)
        return process.wait(), process.err

    def create_at(self, point=None, error=None):
        """Creates a container from a new bundle. Returns the trace besides."""
        trace = Trace(self.path(f"trace-{next(self.traces)}"))
        status, err = self.create(*trace.words(point, error))
        trace.end()
        return status, err, trace

    def whole(self):
        """Returns the calls of `runtime` in a run without a fault, and the file that it writes."""
        self.make_bundle()
        status, err, trace = self.create_at()
        self.assertEqual((status, err), (0, ""))
        points = trace.points()
        own = [point.call for point in points].index("execve") + 1
        return points[:own], self.take_given()

    def take_given(self):
        """Returns the file that the real runtime was given, or "" if the runtime did not start."""
        text = self.read(self.given)
        if text:
            os.unlink(self.given)
        return text

    def assert_next_create_works(self, finished, where):
        self.assertEqual(self.create(), (0, ""), where)
        self.assertEqual(self.take_given(), finished, where)

    def leftover(self):
        """Returns the names of files that do not belong in the bundle."""
        return [name for name in os.listdir(self.bundle) if name != "config.json"]

    def test_a_killed_runtime_leaves_one_of_the_two_files(self):
        points, finished = self.whole()
        for point in self.some(points, "runtime"):
            with self.subTest(point=str(point)):
                original = self.make_bundle()
                status, _, _ = self.create_at(point)
                self.assertEqual(status, -signal.SIGKILL)
                self.assertEqual(self.take_given(), "")
                self.assertIn(self.read(self.config), (original, finished))
                self.assert_next_create_works(finished, str(point))
                # The container manager removes an unfinished file with the bundle.
                self.assertRegex(" ".join(self.leftover()), r"^(\.config\.json\.\w+)?$")

    def test_a_failed_system_call_starts_no_container_or_the_right_one(self):
        points, finished = self.whole()
        faults = [(point, error) for point in points for error in point.errors]
        for point, error in self.some(faults, "runtime"):
            with self.subTest(point=str(point), error=error):
                original = self.make_bundle()
                status, err, _ = self.create_at(point, error)
                self.assertNotIn(abs(status), CRASHES)
                given = self.take_given()
                if status != 0 or given != finished:
                    self.assertRegex(err, r"^notifybridge: cannot .+")
                    self.assertEqual(given, "")
                    self.assertIn(self.read(self.config), (original, finished))
                self.assert_next_create_works(finished, f"{point} {error}: {err}")
                self.assertEqual(self.leftover(), [])


if __name__ == "__main__":
    if not can_interfere():
        print("skipped: strace(1) cannot interfere with system calls here")
        sys.exit(bridge.SKIPPED)
    bridge.main()
