#!/usr/bin/python3
"""Kills (kill -9) every part of the bridge at any moment of a stream of numbered messages.

NOTIFYBRIDGE_LONG=1 kills more often. A test that fails prints its seed. NOTIFYBRIDGE_SEED=N repeats
the choices of that seed, but the timing of the machine may differ.
"""

import fcntl
import itertools
import os
import random
import signal
import socket
import sys
import time

import bridge
import moments
import stream
from judge import BATCH, Judge
from runtime import Container
from shared_dir import STATE, read_header, read_host, read_records

SEED = os.environ.get("NOTIFYBRIDGE_SEED") or str(random.SystemRandom().randrange(10**9))
# The number of kills for each form of `wait`.
KILLS = 100 if os.environ.get("NOTIFYBRIDGE_LONG") else 20


class Killed(bridge.Case):
    def setUp(self):
        super().setUp()
        self.choice = random.Random(f"{SEED} {self.id()}")
        self.stream_dir = self.path("stream")
        os.mkdir(self.stream_dir)
        self.container = Container(self.stream_dir, self.shared)
        self.listener = stream.Listener(self.path("notify"), random.Random(f"{SEED} listener"))
        self.addCleanup(self.listener.close)
        self.invocations = itertools.count(1)
        self.invocation = None
        self.waiting = None
        self.has_command = False
        self.killed_waits = {}
        self.gaps = []
        self.done = []
        self.seen = []  # The files in the shared directory before and after each gap.

    # The variables that systemd, and the process that started the container, would set.

    def variables(self):
        return {
            "STREAM_DIRECTORY": self.stream_dir,
            "STREAM_SEED": SEED,
            "INVOCATION_ID": self.invocation,
            "NOTIFY_SOCKET": self.listener.path,
        }

    def runtime_words(self, start):
        return [
            sys.executable,
            os.path.join(bridge.HERE, "runtime.py"),
            str(self.container.announce_runtime()),
            start,
            *self.command(bridge.WRAP),
            *bridge.app("import stream; stream.speak()"),
        ]

    def start_runtime(self, start):
        env = self.environment(**self.variables())
        process = bridge.Process(self.dir, self.runtime_words(start), env, start_new_session=True)
        self.addCleanup(process.end)

    def start_wait(self, start=None):
        """Starts `wait`. With START, its command is the runtime, whose action for an existing
        container is START. Without START, `wait` attaches."""
        self.has_command = start is not None
        words = self.runtime_words(start) if start else ["--keep"]
        self.waiting = self.start(bridge.WAIT, *words, **self.variables())

    def new_invocation(self):
        self.invocation = f"{next(self.invocations):032x}"

    def host(self):
        """Returns the numbers and facts in the file "host" if the current `wait` has written it."""
        try:
            with open(os.path.join(self.shared, "host"), "rb") as file:
                data = file.read()
        except FileNotFoundError:
            return None
        host = read_host(data)
        return host if host[2]["PID"] == str(self.waiting.pid) else None

    def is_attached(self):
        """Returns whether `wait` reads the run that is alive."""
        host, header = self.host(), self.container.header()
        return (
            host is not None
            and header is not None
            and host[2].get("RUN_ID") == header["run"]
            and self.container.is_alive()
        )

    def wait_until_there(self):
        bridge.eventually(
            f"wait is there; it said {self.waiting.err}",
            lambda: not self.waiting.is_running() or self.host(),
        )

    def see(self):
        """Records which runs exist, and how far `wait` has read. This decides which messages may be
        lost."""
        said = [f"{time.monotonic():.6f}"]
        for name in ("journal", "journal.old"):
            try:
                with open(os.path.join(self.shared, name), "rb") as file:
                    said.append(f"{name} of {read_header(file.read(128))['run']}")
            except FileNotFoundError:
                said.append(f"no {name}")
        host = self.host()
        said.append(f"host: {host[:2]} of {host[2].get('RUN_ID')}" if host else "no host")
        self.seen.append(", ".join(said))

    def end_gap(self):
        self.wait_until_there()
        self.see()
        killed = max(self.killed_waits.values())
        self.gaps.append((killed, time.monotonic(), self.has_command))

    # The methods that kill a part.

    def kill_wait(self):
        when = time.monotonic()
        self.waiting.signal(signal.SIGKILL)
        self.waiting.wait()
        self.killed_waits[self.waiting.pid] = when
        self.see()

    def kill_wrap(self):
        return self.container.kill(self.container.current()[2], signal.SIGKILL)

    def kill_app(self):
        try:
            path = self.container.path(self.container.current()[3], "app")
            with open(path, encoding="ascii") as file:
                return self.container.kill(int(file.read() or 0), signal.SIGKILL)
        except FileNotFoundError:
            return False

    def kill_runtime(self):
        number, runtime, _, _ = self.container.current()
        # If `wait` has not found a run, it does not notice when the run's command ends.
        if number != self.container.last_runtime() or not self.is_attached():
            return False
        return self.container.kill(runtime, signal.SIGKILL)

    def pause(self):
        """Waits until the next moment for a kill."""
        time.sleep(self.choice.expovariate(4))
        if self.choice.random() < 0.3:
            # The silence makes a backlog, so that `wait` is killed in the middle of a batch.
            self.listener.be_silent(0.3)
            time.sleep(self.choice.random() * 0.3)

    def stop(self):
        """Stops the unit as systemd does. If `wait` has not started the container, stops the
        container first."""
        if not self.has_command and not self.container.has_runtime(self.container.last_runtime()):
            # The `wait` that should have started the runtime was killed before that.
            self.start_runtime("TERM")
        last = self.container.last_runtime()

        def is_up():
            number, runtime, _, _ = self.container.current()
            run = self.container.run_that_lives()
            return (
                number == last
                and self.container.is_ours(runtime)
                and run is not None
                and os.path.exists(self.container.path(run, "app"))
                and self.is_attached()
            )

        def situation():
            found = (self.container.current(), self.container.header(), self.host())
            return f"the app is up, of the last runtime, {last}: {found}; wait: {self.waiting.err}"

        bridge.eventually(situation, is_up)
        if self.has_command:
            self.waiting.signal(signal.SIGTERM)
        else:
            self.container.kill(self.container.current()[1], signal.SIGTERM)
        stopped = self.container.path(f"stopped-{last}")
        bridge.eventually("all has ended", lambda: os.path.exists(stopped))
        with open(self.container.journal, "rb") as file:
            last = max((r["sequence"] for r in read_records(file.read())), default=0)
        if not self.has_command:
            run = self.container.header()["run"]
            bridge.eventually(
                "wait has read it all",
                lambda: self.host()[0] == last and self.host()[2]["RUN_ID"] == run,
            )
            self.waiting.signal(signal.SIGTERM)
        self.waiting.wait()

    def judge(self):
        # Everything that was sent is in the listener's queue now, and this message arrives after
        # it.
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"X_END=1", self.listener.path)
        self.listener.wait_until(
            "the end", lambda heard: heard and heard[-1].payload == b"X_END=1", bridge.PATIENCE
        )
        self.listener.close()
        judge = Judge(self.container, self.listener.heard[:-1], self.killed_waits, self.gaps)
        faults = judge.judge()
        print(
            f"{self._testMethodName}: {len(self.done)} kills, {len(judge.runs)} runs, "
            f"{len(self.listener.heard)} heard, {judge.repetitions} repetitions, "
            f"{judge.rotations} rotations",
            file=sys.stderr,
        )
        if faults:
            shown = "\n  ".join(faults[:20])
            seen = "\n  ".join(self.seen)
            self.fail(
                f"NOTIFYBRIDGE_SEED={SEED}: {len(faults)} faults:\n  {shown}\n{self.done}\n  {seen}"
            )

    def kill_at_random(self, kill):
        for _ in range(KILLS):
            self.pause()
            # A part that is just being started cannot be killed, so another one is chosen.
            while True:
                part = self.choice.choices(("wait", "wrap", "app", "runtime"), (4, 2, 2, 2))[0]
                if kill[part]():
                    break
            self.done.append((round(time.monotonic(), 3), part))
            self.assertTrue(self.waiting.is_running(), self.waiting.err)
        self.stop()
        self.judge()

    def another_runtime(self):
        """Starts another runtime after the runtime of a container was killed. `wait` had not
        started this container."""
        if self.choice.random() < 0.5:
            self.kill_wrap()  # The container ends with its runtime, or continues.
        self.start_runtime(self.choice.choice(("follow", "TERM", "KILL")))

    def test_an_attached_wait_survives_random_kills(self):
        def wait():
            self.kill_wait()
            self.start_wait()
            self.end_gap()
            return True

        def runtime():
            killed = self.kill_runtime()
            if killed:
                self.another_runtime()
            return killed

        self.new_invocation()
        self.start_wait()
        self.wait_until_there()
        self.start_runtime("follow")
        self.kill_at_random(
            {"wait": wait, "wrap": self.kill_wrap, "app": self.kill_app, "runtime": runtime}
        )

    def heard_beginning(self, beginning):
        return any(heard.payload.startswith(beginning) for heard in self.listener.heard)

    def test_runs_that_ended_without_wait_are_delivered(self):
        def is_rotated(run):
            if self.container.current()[3] != run:
                return False
            with open(self.container.journal, "rb") as file:
                return [record["type"] for record in read_records(file.read())][:1] == [STATE]

        self.new_invocation()
        self.start_wait()
        self.wait_until_there()
        self.start_runtime("follow")
        bridge.eventually("the first run is heard", lambda: self.listener.heard)
        self.kill_wait()
        for run in (1, 2):  # The third run has the long messages.
            bridge.eventually("it can be killed", self.kill_wrap)
            bridge.eventually("the next one is up", lambda r=run: self.container.current()[3] == r)
        bridge.eventually("its journal is rotated", lambda: is_rotated(2))
        self.assertTrue(self.container.kill(self.container.current()[1], signal.SIGKILL))
        self.assertTrue(self.kill_wrap())
        bridge.eventually("all are gone", lambda: not self.container.is_alive())
        self.start_wait()
        self.end_gap()
        bridge.eventually("its state is heard", lambda: self.heard_beginning(b"READY=1\n"))
        self.start_runtime("follow")
        bridge.eventually("the next is heard", lambda: self.heard_beginning(b"X_RUN=3\n"))
        self.stop()
        self.judge()

    def test_a_wait_with_a_runtime_survives_random_kills(self):
        def wait():
            self.kill_wait()
            # Starts `wait` again, with a runtime that has `--replace`, or without a command.
            self.start_wait(self.choice.choice(("TERM", "KILL", None)))
            self.end_gap()
            return True

        def runtime():
            killed = self.kill_runtime()
            if killed and self.has_command:
                self.assertEqual(self.waiting.wait(), 128 + signal.SIGKILL)
                self.new_invocation()
                self.start_wait("follow")
                self.wait_until_there()
            elif killed:
                self.another_runtime()
            return killed

        self.new_invocation()
        self.start_wait("follow")
        self.kill_at_random(
            {"wait": wait, "wrap": self.kill_wrap, "app": self.kill_app, "runtime": runtime}
        )


class Moments(moments.Case):
    """Tests of single moments that random kills hit too rarely."""

    def test_a_barrier_survives_a_killed_wait(self):
        waiting = self.attach()
        wrap = self.start(
            bridge.WRAP, *bridge.app("notify('X_ONE=1'); barrier(); print('back', flush=True); stay()")
        )
        held = [self.hear_barrier(b"X_ONE=1")]
        bridge.eventually("it is acknowledged", lambda: self.host()[0] == 2)
        for _ in range(3):
            self.kill(waiting)
            waiting = self.attach()
            held.append(self.hear_barrier())
            # Closing the descriptor releases the barrier of the killed `wait`, and must have no
            # effect.
            os.close(held.pop(0))
            self.assertEqual(wrap.out, "")
        os.close(held.pop(0))
        bridge.eventually("the barrier has come back", lambda: wrap.out == "back\n")

    def test_the_next_wait_waits_for_the_lock_of_a_killed_wait(self):
        # The child of `wait` that will become its command holds the lock until it executes the
        # command.
        self.kill(self.attach())
        child = os.open(self.shared, os.O_RDONLY)
        fcntl.flock(child, fcntl.LOCK_EX)
        waiting = self.start(bridge.WAIT, "--keep", NOTIFY_SOCKET=self.manager_path)

        def has_opened():
            try:
                with os.scandir(f"/proc/{waiting.pid}/fd") as fds:
                    return any(os.path.samefile(fd.path, self.shared) for fd in fds)
            except FileNotFoundError:
                return False  # A descriptor was closed, or `wait` has ended.

        bridge.eventually(
            "it has opened the directory", lambda: not waiting.is_running() or has_opened()
        )
        os.close(child)
        bridge.eventually(
            f"it is there; it said {waiting.err}", lambda: self.host()[2]["PID"] == str(waiting.pid)
        )

    def test_the_next_wait_starts_when_a_running_wait_is_killed(self):
        killed = self.attach()
        waiting = self.start(bridge.WAIT, "--keep", NOTIFY_SOCKET=self.manager_path)
        time.sleep(0.2)
        self.kill(killed)
        bridge.eventually(
            f"it is there; it said {waiting.err}", lambda: self.host()[2]["PID"] == str(waiting.pid)
        )

    def test_at_most_one_batch_is_sent_again(self):
        waiting = self.attach()
        self.start_wrap()
        # The manager reads nothing while `wait` is killed, so `wait` is in the middle of a batch.
        messages = self.numbered(3000, 1000)
        self.say_and_see_journaled(*messages)
        heard = []
        for _ in range(10):
            heard += [self.hear() for _ in range(random.Random(f"{SEED} {len(heard)}").randrange(250))]
            self.kill(waiting)
            self.manager.setblocking(False)
            try:
                while True:
                    heard.append(self.hear())
            except BlockingIOError:
                self.manager.settimeout(bridge.PATIENCE)
            acknowledged = self.host()[0]
            self.assert_heard(heard, messages[: len(heard)])
            self.assertTrue(0 <= len(heard) - acknowledged <= BATCH, (len(heard), acknowledged))
            heard = heard[:acknowledged]
            waiting = self.attach()
        self.assert_heard(heard + self.hear_until(messages[-1]), messages)

    def test_messages_of_a_killed_app_arrive(self):
        waiting = self.attach()
        say = "print(os.getpid(), flush=True); sys.stdin.readline()\n"
        with open("/proc/sys/net/unix/max_dgram_qlen", encoding="ascii") as file:
            count = min(100, int(file.read()))
        say += f"for n in range({count}): notify(f'X_NUMBER={{n}}\\nX_LONG=')\n"
        reading, writing = os.pipe()
        wrap = self.start(
            bridge.WRAP, *bridge.app(say + "print('said', flush=True); stay()"), stdin=reading
        )
        os.close(reading)
        bridge.eventually("the app is up", lambda: wrap.out)
        wrap.signal(signal.SIGSTOP)
        os.write(writing, b"say it\n")
        os.close(writing)
        bridge.eventually("the app has said it", lambda: "said" in wrap.out)
        os.kill(int(wrap.out.split()[0]), signal.SIGKILL)
        wrap.signal(signal.SIGCONT)
        self.assertEqual(wrap.wait(), 128 + signal.SIGKILL)
        messages = self.numbered(count, 0)
        self.assert_heard(self.hear_until(messages[-1]), messages)
        self.assertTrue(waiting.is_running())

    def test_a_single_message_is_resent_at_most_once(self):
        waiting = self.attach()
        self.start_wrap()
        for number in range(50):
            message = b"X_NUMBER=%d" % number
            self.say(message)
            self.assertEqual(self.hear(), message)
            self.kill(waiting)
            acknowledged = self.host()[0]
            self.assertIn(acknowledged, (number, number + 1))
            waiting = self.attach()
            if acknowledged == number:
                self.assertEqual(self.hear(), message)
                bridge.eventually("it is acknowledged", lambda n=number: self.host()[0] == n + 1)

    def test_the_end_of_a_run_survives_rotation_and_takeover(self):
        waiting = self.attach()
        wrap = self.start_wrap()
        messages = self.numbered(1500, 3000)
        self.say(*messages[:1100])
        heard = self.hear_until(messages[1099])
        bridge.eventually("all is acknowledged", lambda: self.host()[0] == 1100)
        waiting.signal(signal.SIGSTOP)
        self.say_and_see_journaled(*messages[1100:])
        self.assertEqual(self.records()[0]["type"], STATE, "it was not rotated")
        self.kill(wrap)
        self.start_wrap()
        self.say(b"X_NEW=1")
        waiting.signal(signal.SIGCONT)
        self.assert_heard(heard + self.hear_until(b"X_NEW=1"), [*messages, b"X_NEW=1"])

    def test_the_end_of_a_run_survives_killing_both_sides(self):
        waiting = self.attach()
        wrap = self.start_wrap()
        self.say(b"READY=1")
        self.assertEqual(self.hear(), b"READY=1")
        bridge.eventually("it is acknowledged", lambda: self.host()[0] == 1)
        self.kill(waiting)
        self.say_and_see_journaled(b"STATUS=old", b"X_OLD=1")
        self.kill(wrap)
        self.start_wrap()
        self.say(b"READY=1\nX_NEW=1")
        self.attach()
        self.assertEqual(
            self.hear_until(b"READY=1\nX_NEW=1"), [b"STATUS=old", b"X_OLD=1", b"READY=1\nX_NEW=1"]
        )

    def test_a_run_begun_before_wait_was_killed_is_complete(self):
        waiting = self.attach()
        wrap = self.start_wrap()
        self.say(b"READY=1")
        self.assertEqual(self.hear(), b"READY=1")
        bridge.eventually("it is acknowledged", lambda: self.host()[0] == 1)
        waiting.signal(signal.SIGSTOP)
        self.kill(wrap)
        self.start_wrap()
        self.say_and_see_journaled(b"READY=1\nX_NEW=1", b"X_NEW=2")
        self.kill(waiting)
        self.attach()
        self.assertEqual(self.hear_until(b"X_NEW=2"), [b"READY=1\nX_NEW=1", b"X_NEW=2"])

    def test_wait_finishes_an_old_run_before_a_new_run(self):
        waiting = self.attach()
        wrap = self.start_wrap()
        self.say(b"READY=1")
        self.assertEqual(self.hear(), b"READY=1")
        bridge.eventually("it is acknowledged", lambda: self.host()[0] == 1)
        self.kill(waiting)
        self.say_and_see_journaled(b"X_OLD=1")
        self.kill(wrap)
        # The command stops `wait` until a new run exists, as a busy machine may do.
        app = "kill -CONT $WAIT; exec " + " ".join(self.command(bridge.SEND, "X_NEW=1"))
        script = f"kill -STOP $PPID; export WAIT=$PPID; exec $0 sh -c '{app}'"
        self.start(
            bridge.WAIT,
            *("sh", "-c", script, *self.command(bridge.WRAP)),
            NOTIFY_SOCKET=self.manager_path,
            INVOCATION_ID="1" * 32,
        )
        self.assertEqual(self.hear_until(b"X_NEW=1"), [b"X_OLD=1", b"X_NEW=1"])

    def fill_the_managers_queue(self):
        """Fills the manager's queue from several senders, each up to its limit. Returns how many
        messages the queue accepted."""
        count = 0
        while True:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.setblocking(False)
                sent = 0
                try:
                    while True:
                        sender.sendto(b"X_FULL=1", self.manager_path)
                        sent += 1
                except BlockingIOError:
                    count += sent
            if sent == 0:
                return count

    def test_the_state_is_sent_by_the_next_wait_after_a_kill(self):
        self.start_wrap()
        self.say(b"READY=1\nSTATUS=up", *[b"X_LONG=" + b"x" * 4000] * 400)
        bridge.eventually("wrap has it all", lambda: "MESSAGES=401" in self.container_status())
        bridge.eventually("it is rotated", lambda: self.records()[0]["type"] == STATE)
        count = self.fill_the_managers_queue()
        waiting = self.attach()
        run = self.container.header()["run"]
        bridge.eventually("wait has the run", lambda: self.host()[2].get("RUN_ID") == run)
        self.kill(waiting)
        self.assertEqual([self.hear() for _ in range(count)], [b"X_FULL=1"] * count)
        self.attach()
        self.assertEqual(self.hear(), b"READY=1\nSTATUS=up")


bridge.main()
