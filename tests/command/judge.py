"""Checks which messages of a stream were received after senders and bridges were killed."""

import itertools
import os
import signal

import stream  # It makes shared_dir importable.
from shared_dir import DATAGRAM, END, STATE, read_header, read_records

# After `wait` was killed, at most this many messages are sent again.
BATCH = 64


class Run:
    """Everything that is known about one run of `wrap` at the end of the test."""

    def __init__(self, number):
        self.number = number
        self.pid = 0  # The pid of `wrap`.
        self.journaled = 0  # How many messages are known to have been in its journal.
        self.ended = False  # Whether its end is recorded, which means that it was not killed.
        self.sent = 0
        self.barriers = []
        self.started = 0
        self.first_heard = float("inf")
        # The index of a received state that may have replaced the messages of the run.
        self.state_at = None


def is_state(payload):
    """Returns whether the payload is a state, made from folded messages without their numbers."""
    return set(payload.split(b"\n")) <= set(stream.SAID)


class Judge:
    """A comparison of the received messages with the records of the apps and the journals."""

    def __init__(self, container, heard, killed_waits, gaps):
        self.container = container
        self.heard = heard
        self.killed_waits = killed_waits  # For each pid, the time when the `wait` was killed.
        # The spans between the kill of a `wait` and the start of the next one, and whether the next
        # one has a command.
        self.gaps = gaps
        self.killed = {}  # For each pid, the time of its first SIGKILL.
        self.repetitions = 0
        self.rotations = 0
        self.faults = []
        self.read_kills()
        self.runs = {}
        for number in itertools.count():
            if not os.path.isdir(container.path(number)):
                break
            self.runs[number] = Run(number)
            ledger = stream.Ledger(container.path(number))
            self.runs[number].sent, self.runs[number].barriers = ledger.read()
            self.runs[number].pid, started = container.read(f"{number}/wrap", [0, 0])
            self.runs[number].started = started / 1e9
        for heard in reversed(self.heard):
            message = stream.parse(heard.payload)
            if message and message[0] in self.runs:
                self.runs[message[0]].first_heard = heard.came
        self.read_journals()

    def read_kills(self):
        try:
            with open(self.container.path("kills"), encoding="ascii") as file:
                lines = file.read().splitlines()
        except FileNotFoundError:
            lines = []
        for line in lines:
            when, pid, number = line.split()
            if int(number) == signal.SIGKILL:
                self.killed.setdefault(int(pid), float(when))

    def read_journals(self):
        paths = [self.container.journal]
        for number in self.runs:
            paths += [self.container.path(number, name) for name in ("journal-before", "journal")]
        journals = {}
        for path in filter(os.path.exists, paths):
            with open(path, "rb") as file:
                data = file.read()
            # If the process that copied the journal was killed, the copy may be too short.
            if len(data) >= 128:
                run = read_header(data)["run"]
                journals[run] = max(journals.get(run, b""), data, key=len)
        for data in journals.values():
            self.read_journal(data)

    def read_journal(self, data):
        records = list(read_records(data))
        messages = [stream.parse(r["payload"]) for r in records if r["type"] == DATAGRAM]
        self.rotations += records[:1] != [] and records[0]["type"] == STATE
        if messages:
            run = self.runs[messages[-1][0]]
            run.pid = read_header(data)["pid"]
            run.journaled = messages[-1][1] + 1
            run.ended = records[-1]["type"] == END

    def fault(self, text, index=None):
        if index is not None:
            around = self.heard[max(0, index - 3) : index + 2]
            text += "".join(f"\n    {heard}" for heard in around)
        self.faults.append(text)

    def killed_at(self, run):
        return self.killed.get(run.pid, float("inf"))

    def confirmed(self, run, until=float("inf")):
        """Returns how many messages of the run a barrier had confirmed to the app at that time.

        A barrier that returns after `wrap` was killed means nothing, because the kernel has
        closed it.
        """
        until = min(until, self.killed_at(run))
        heard = (b for b in run.barriers if not self.is_unheard(run, b))
        return max((count for count, _, when in heard if when < until), default=0)

    def is_unheard(self, run, barrier):
        """Returns whether no `wait` ever read the run, so that `wrap` had to release the app at
        once. This needs two conditions. `wait` was killed before it had found the run. The next
        `wait` had not started yet, or it had a command and ended the run as a leftover."""
        _, said, when = barrier
        return any(
            killed < when
            and killed < run.first_heard
            and (said < there or (has_command and self.is_leftover(run, there)))
            for killed, there, has_command in self.gaps
        )

    @staticmethod
    def is_leftover(run, there):
        """Returns whether the run existed before that `wait` and was never read."""
        return run.started < there and run.first_heard == float("inf")

    def judge(self):
        self.judge_stream()
        self.judge_barriers()
        return self.faults

    def may_be_folded(self, run):
        """Returns whether `wait` was killed after the run had begun, and before any `wait` had
        found the run. If the run has sent many messages before that, only the state of these
        messages is left."""
        return any(
            killed < run.first_heard and run.started < there for killed, there, _ in self.gaps
        )

    def lay_state(self, place, first, last):
        """Assigns a received state to each run from FIRST to LAST that it may belong to. If a run
        ended before the next `wait` started, only its state is received. Returns whether the state
        belongs to a run."""
        runs = [self.runs[number] for number in range(first, last + 1)]
        for run in filter(self.may_be_folded, runs):
            run.state_at = place
        return any(run.state_at == place for run in runs)

    def about(self, number):
        """Returns the facts that decide whether a state may be sent for this or an earlier run."""
        runs = [run for run in self.runs.values() if number - 3 <= run.number <= number]
        times = [f"{r.number} began at {r.started:.6f}, heard {r.first_heard:.6f}" for r in runs]
        return f"runs: {'; '.join(times)}; gaps: {self.gaps}"

    def judge_stream(self):
        run, count, sender = None, 0, 0
        state = None
        for index, heard in enumerate(self.heard):
            if heard.payload == b"BARRIER=1":
                continue
            message = stream.parse(heard.payload)
            if is_state(heard.payload):
                state = index if state is None else state
                continue
            known = message and message[0] in self.runs
            if not known or heard.payload != stream.message(*message):
                self.fault("no run sent this message", index)
                continue
            if not run or message[0] > run.number:
                if run:
                    self.judge_end(run, count, index)
                first = run.number + 1 if run else 0
                run, count = self.runs[message[0]], 0
                if state is not None and self.lay_state(state, first, run.number):
                    count = 0 if run.state_at is None else message[1]
                    state = None
            elif message[0] < run.number:
                self.fault(f"of an earlier run than {run.number}", index)
                continue
            if message[1] < count:
                self.judge_repetition(run, message[1], count, sender, index)
            elif message[1] > count:
                self.fault(f"{message[1] - count} messages are missing before this one", index)
            if state is not None:
                self.fault(f"the state was sent before this one; {self.about(run.number)}", index)
            state, count, sender = None, message[1] + 1, heard.sender
        if run:
            self.judge_end(run, count, len(self.heard))
        last = len(self.runs) - 1
        if state is not None and not self.lay_state(state, run.number + 1 if run else 0, last):
            self.fault(f"the last state belongs to no run; {self.about(last)}", state)

    def judge_repetition(self, run, first, count, sender, index):
        self.repetitions += 1
        if sender not in self.killed_waits or sender == self.heard[index].sender:
            self.fault("sent again, and `wait` was not killed", index)
            return
        if count - first > BATCH:
            self.fault(f"{count - first} messages are sent again", index)
        if first < self.confirmed(run, self.killed_waits[sender]):
            self.fault("sent again, and a barrier had confirmed it", index)

    def judge_end(self, run, count, index):
        wanted = max(run.journaled, self.confirmed(run))
        # If `wrap` lived until its app had ended, it has received everything that the app has sent.
        if run.ended:
            wanted = max(wanted, run.sent)
        if count < wanted:
            self.fault(
                f"the end of run {run.number} is missing: {count} messages of {run.journaled} in "
                f"the journal, {self.confirmed(run)} confirmed, {run.sent} sent",
                index,
            )

    def judge_barriers(self):
        """Checks that each barrier of the app returned only after the listener had closed a barrier
        that followed the same messages."""
        places = {}
        for index, heard in enumerate(self.heard):
            message = stream.parse(heard.payload)
            if message:
                places.setdefault(message, index)
        closed = None
        # For each place, the first time when a later barrier was closed.
        first_closed = [None] * (len(self.heard) + 1)
        for index in range(len(self.heard) - 1, -1, -1):
            if self.heard[index].closed:
                closed = min(closed or self.heard[index].closed, self.heard[index].closed)
            first_closed[index] = closed
        for run in self.runs.values():
            for barrier in run.barriers:
                count, _, when = barrier
                place = places.get((run.number, count - 1), run.state_at)
                if when >= self.killed_at(run) or self.is_unheard(run, barrier):
                    continue
                if place is None:
                    self.fault(
                        f"barrier of run {run.number} after {count}, which were not heard: said at "
                        f"{barrier[1]:.6f}, back at {when:.6f}; {self.about(run.number)}"
                    )
                elif first_closed[place] is None or first_closed[place] > when:
                    self.fault(
                        f"the barrier of run {run.number} after {count} messages came back at "
                        f"{when:.6f}, and not from the listener",
                        place,
                    )
