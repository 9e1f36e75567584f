"""Helps the tests of a malicious container with attacks, and with checks during an attack.

The test takes the place of the container, and may change the shared directory as a container can.
It checks that `wait` on the other side keeps its promises.
"""

import contextlib
import os
import re
import shutil
import signal
import stat
import threading
import time
import unicodedata

import bridge
from journal import Journal
from filetrace import CALLS, Trace

# The limits of the memory and the processor time of `wait`, no matter what the container does.
# Memory is in decimal megabytes, as promised.
MOST_MEMORY = 5_000_000
# The share of the processor is measured this many times at most. Other processes, or the host of a
# virtual machine, may disturb one measurement. An endless loop in `wait` would show in each.
MOST_PERIODS = 3
# An attack is measured for this long, so that its first burst does not decide the result.
ATTACK_SECONDS = 2.0
MOST_LINES = 200
# A longer line, even if it is written to a pipe with one call, may be mixed with another process's
# line (PIPE_BUF).
LONGEST_LINE = 4096

JOURNAL_ENTRIES = ("journal", "journal.old", "container-status", "notify.sock")
ENTRIES = ("host", *JOURNAL_ENTRIES)

LONG = os.environ.get("NOTIFYBRIDGE_LONG") == "1"
# The promise is a tenth of a processor. Beside other tests, which use the same caches, the same work
# took up to 1.4 times as long.
MOST_CPU = 0.10 if LONG else 0.20
# A sanitizer needs additional memory and time.
HAS_FIGURES = os.environ.get("NOTIFYBRIDGE_FIGURES", "yes") == "yes"

# The variables that a datagram to systemd may contain by default.
PERMITTED = (
    *("READY", "STATUS", "RELOADING", "MONOTONIC_USEC", "STOPPING", "ERRNO", "BUSERROR"),
    *("VARLINKERROR", "EXIT_STATUS", "WATCHDOG", "WATCHDOG_USEC", "EXTEND_TIMEOUT_USEC"),
)


def as_systemd_reads(datagram):
    """Returns the assignments of a datagram by systemd's rules. A carriage return also ends a line,
    and a backslash escapes the next byte."""
    lines, line, is_escaped = [], "", False
    for byte in datagram.decode("latin-1"):
        if is_escaped or byte not in "\r\n\\":
            line += byte
            is_escaped = False
        elif byte == "\\":
            is_escaped = True
        else:
            lines.append(line)
            line = ""
    assert not is_escaped, "systemd drops this message whole"
    return [line for line in (*lines, line) if line]


def cpu_seconds(pid):
    """Returns the processor time that this process has used, to the nanosecond."""
    return time.clock_gettime(~pid << 3 | 2)


def memory_peak(pid):
    """Returns the largest amount of memory that was resident, in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) * 1024


def state(pid):
    """Returns the letter of the process's state, as in ps(1)."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


def open_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def controls(text):
    """Returns the control characters in the text that a terminal would obey: C0, DEL and C1."""
    return {character for character in text if unicodedata.category(character) == "Cc"}


class Attack(threading.Thread):
    """A thread that repeats STEP as fast as possible. It continues if a step fails, because `wait`
    may have been faster."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self._step = step
        self._over = threading.Event()
        self.rounds = 0
        self.failure = None

    def run(self):
        while not self._over.is_set():
            try:
                self._step()
                self.rounds += 1
            except OSError:
                pass
            except Exception as failure:  # pylint: disable=broad-except
                self.failure = failure
                return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()
        if self.failure:
            raise self.failure


class Case(bridge.Case):
    """A shared directory with a malicious container, and a file outside that must not change."""

    def setUp(self):
        super().setUp()
        # The kernel sends this signal to the holder of a lease when another process opens the file.
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        self.victim = self.path("victim")
        with open(self.victim, "w", encoding="utf-8") as file:
            file.write("secret\n")
        os.chmod(self.victim, 0o600)
        self._victim_status = os.stat(self.victim)

    def tearDown(self):
        status = os.stat(self.victim)
        for field in ("st_mode", "st_uid", "st_gid", "st_size", "st_mtime_ns"):
            self.assertEqual(
                getattr(status, field),
                getattr(self._victim_status, field),
                f"{field} of a file outside",
            )
        self.assertEqual(self.read("victim"), "secret\n")
        super().tearDown()

    def entry(self, name):
        return os.path.join(self.shared, name)

    def put_link(self, name, other):
        """Gives the file NAME the name OTHER as well, replacing the file with that name."""
        os.link(self.entry(name), self.entry(".link"), follow_symlinks=False)
        os.rename(self.entry(".link"), self.entry(other))

    def run_of_ours(self, **options):
        """Returns a run that the test itself writes. The run is alive until it is closed."""
        journal = Journal(self.shared, **options)
        self.addCleanup(journal.close)
        return journal

    def start_wait(self, *arguments, receiver, traced=None, **env):
        """Starts `wait`, and returns when it is ready. With TRACED, strace writes to that path."""
        words = [*arguments]
        options = {"NOTIFY_SOCKET": receiver.path, **env}
        if traced:
            tool = shutil.which("strace")
            if not os.path.lexists(os.path.join(self.bin, "strace")):
                os.symlink(tool, os.path.join(self.bin, "strace"))
            # The promises must hold even without the sandbox of `wait`.
            words.insert(0, "--no-sandbox")
            # With -D, the traced process is our child. So signals reach it, and we get its exit
            # status.
            strace = ["-D", "-f", "-yy", "-s", "4096", "-o", traced, "-e", f"trace={CALLS}"]
            process = self.start("strace", *strace, *self.command(bridge.WAIT, *words), **options)
        else:
            process = self.start(bridge.WAIT, *words, **options)
        us = b"PID=%d\n" % process.pid
        bridge.eventually(
            "it is attached", lambda: us in self.bytes_of("host") or not process.is_running()
        )
        self.assertTrue(process.is_running(), process.err)
        return process

    def bytes_of(self, name):
        """Returns the content of that entry, if it is a file."""
        try:
            handle = os.open(self.entry(name), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError:
            return b""
        try:
            return os.read(handle, 65536) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
        finally:
            os.close(handle)

    def acknowledged(self):
        """Returns the last sequence that `wait` has acknowledged."""
        return int.from_bytes(self.bytes_of("host")[24:32], "little")

    def stop(self, process, status):
        """Ends `wait`, and checks that it handles the signal and ends with STATUS.

        A forged run that broke off is a failure, even if the command's end would count as clean. A
        forged run that is still alive accepts no signal, so `wait` gives it up as one that cannot
        be killed.
        """
        began = time.monotonic()
        process.signal(signal.SIGTERM)
        ended = process.wait()
        broken = "the run broke off" in process.err or "the journal is damaged" in process.err
        allowed = (status, 1) if broken else (status,)
        if "the container did not end although it was killed" in process.err:
            allowed = (128 + signal.SIGKILL,)
        self.assertIn(ended, allowed, process.err[-2000:])
        self.figure(f"it ended after {time.monotonic() - began:.1f} s")

    def assert_small(self, process):
        """Checks that the process never had more memory than allowed."""
        if HAS_FIGURES:
            with self.subTest("memory"):
                self.assertLess(memory_peak(process.pid), MOST_MEMORY)

    def figure(self, text):
        """Prints a measured value if the user has requested values."""
        if os.environ.get("NOTIFYBRIDGE_SHOW_FIGURES"):
            print(f"{self.id()}: {text}", flush=True)

    def assert_kept_to_the_directory(self, traced, receiver):
        """Checks from the trace that `wait`, which has ended, opened, followed and wrote nothing
        outside of the shared directory."""
        bridge.eventually("strace has written all", lambda: "\n+++" in self.traced_end(traced))
        trace = Trace(traced, self.shared, receiver.path)
        self.assertGreater(trace.opened, 2, "the trace is empty")
        self.assertEqual(trace.offences, [])

    def traced_end(self, traced):
        """Returns the last line of a trace, which reports how the process ended."""
        with open(traced, "rb") as file:
            file.seek(max(0, os.path.getsize(traced) - 100))
            return re.sub(r"\n\d+ +", "\n", file.read().decode(errors="replace"))

    def assert_readable(self, err):
        """Checks that each line of a log is a record, is not too long, and controls no terminal."""
        for line in err.split("\n"):
            self.assertLessEqual(len(line.encode()), LONGEST_LINE, line[:300])
            self.assertEqual(controls(line), set(), repr(line))
            self.assertNotIn("\N{REPLACEMENT CHARACTER}", line, "it is not UTF-8")
            if line:
                self.assertRegex(line, r"^\[(MAIN|PROXY) \d\d:\d\d:\d\d\] ")

    def assert_permitted(self, datagram):
        """Checks that systemd finds only allowed keys in a datagram."""
        for line in as_systemd_reads(datagram):
            key, equals, _ = line.partition("=")
            self.assertTrue(equals, f"no assignment: {line!r} in {datagram!r}")
            self.assertTrue(key in PERMITTED or key.startswith("X_"), f"{line!r} in {datagram!r}")

    def cpu_share(self, process):
        """Returns the share of a processor that the process uses during an attack."""
        used, began = cpu_seconds(process.pid), time.monotonic()
        # The test measures the process during this pause.
        time.sleep(ATTACK_SECONDS)
        return (cpu_seconds(process.pid) - used) / (time.monotonic() - began)

    @contextlib.contextmanager
    def attacked(self, process, step, warm_up=None, modest=True):
        """Repeats STEP during this context, and measures `wait`.

        First waits until WARM_UP returns true, which means that the allowed burst is over. MODEST
        is false if the input is accepted and needs processor time. The processor time is not
        checked then.
        """
        lines = len(process.err.splitlines())
        with Attack(step) as attack:
            bridge.eventually("the attack began", lambda: attack.rounds or attack.failure)
            if warm_up:
                bridge.eventually("the burst is over", warm_up)
            shares = [self.cpu_share(process)]
            while modest and shares[-1] >= MOST_CPU and len(shares) < MOST_PERIODS:
                shares.append(self.cpu_share(process))
            said = process.err.splitlines()[lines:]
            self.figure(
                f"{100 * shares[-1]:.1f} % of a core, {memory_peak(process.pid)} bytes, "
                f"{len(said)} lines, {attack.rounds} rounds"
            )
            self.assertTrue(process.is_running(), process.err[-2000:])
            self.assert_small(process)
            if modest and HAS_FIGURES:
                with self.subTest("processor"):
                    self.assertLess(min(shares), MOST_CPU, shares)
            with self.subTest("log"):
                self.assertLess(len(said), MOST_LINES * len(shares), said[-3:])
                self.assert_readable("\n".join(said))
            yield attack

    def withstand(self, process, step, status=-signal.SIGTERM, **options):
        """Repeats STEP for a while. Checks that `wait` uses few resources, and that it ends during
        the attack. The end may take 22 s, so it is tested only with NOTIFYBRIDGE_LONG=1.
        test_adversary_floods always tests one such end."""
        with self.attacked(process, step, **options):
            if HAS_FIGURES and LONG:
                with self.subTest("end"):
                    self.stop(process, status)


def main():
    bridge.main()
