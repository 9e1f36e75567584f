"""Helps the command tests. They run the real executable, each in its own directory.

A test case has `self.dir`, a new directory, and `self.shared`, a shared directory in it. Processes
that a test case starts end with it. Nothing here sleeps for a fixed time. Each wait has a name, and
takes at most PATIENCE seconds. This is long, because both processors may be busy.
"""

import array
import itertools
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

EXECUTABLE = os.environ.get("NOTIFYBRIDGE", "")
HERE = os.path.dirname(os.path.realpath(__file__))
PATIENCE = 60
SKIPPED = 77

# The names that select a subcommand.
WRAP = "container-notify-wrapper"
WAIT = "host-notify-waiter"
SEND = "systemd-notify"
CTL = "systemctl"

# If nohup(1) or a script's `&` has started these tests, their processes would inherit that these
# signals are ignored.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def has_id(number, kind):
    """Returns whether our user namespace has this uid or gid. That of a builder may have only 0."""
    with open(f"/proc/self/{kind}_map", encoding="ascii") as file:
        ranges = [[int(word) for word in line.split()] for line in file]
    return any(first <= number < first + count for first, _, count in ranges)


CAN_BE_NOBODY = os.geteuid() == 0 and has_id(65534, "uid") and has_id(65534, "gid")

# An app that runs until a signal ends it, and handles no signals.
IDLE = ["sleep", "infinity"]


def app(code):
    """Returns the words that run Python CODE as an app, with the functions of sdnotify.py."""
    prelude = f"import os, signal, sys, time; sys.path.insert(0, {HERE!r})\n"
    return [sys.executable, "-c", prelude + "from sdnotify import *\n" + code]


def eventually(what, condition):
    """Waits until CONDITION returns a true value, and returns the value. If this never happens,
    fails and names WHAT. WHAT may be a function that returns the name."""
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE} s: {what() if callable(what) else what}")
        time.sleep(0.005)


class Receiver:
    """A stand-in for systemd, which receives datagrams at a path until `close`.

    `messages` contains all datagrams that have arrived, even if the waiting thread has not read
    them yet. Descriptors are closed when they arrive, as systemd closes those of a barrier. With
    `keeps_fds`, the descriptors of other messages are kept in `stored`, with the text of the
    message.
    """

    END = b"the end of the test"

    def __init__(self, path, keeps_fds=False):
        self.path = path
        self._messages = []
        self._stored = []
        self._keeps_fds = keeps_fds
        self._has_ended = False
        self._changed = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(path)
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    @property
    def messages(self):
        with self._changed:
            self._catch_up()
            return self._messages

    @property
    def stored(self):
        with self._changed:
            self._catch_up()
            return self._stored

    def _receive(self):
        arrivals = select.poll()
        arrivals.register(self._socket, select.POLLIN)
        while not self._has_ended:
            arrivals.poll()
            with self._changed:
                self._catch_up()

    def _catch_up(self):
        """Receives all datagrams that have arrived. The caller holds the lock."""
        space = socket.CMSG_SPACE(253 * 4) + socket.CMSG_SPACE(12)
        while not self._has_ended:
            try:
                payload, ancillary, _, _ = self._socket.recvmsg(65536, space, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            self._has_ended = payload == self.END
            for level, kind, data in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    self._take_fds(payload, array.array("i", data))
            if payload not in (b"BARRIER=1", self.END):
                self._messages.append(payload)
                self._changed.notify_all()

    def _take_fds(self, payload, fds):
        for fd in fds:
            if self._keeps_fds and payload != b"BARRIER=1":
                self._stored.append((payload, fd))
            else:
                os.close(fd)

    def wait_until(self, what, condition):
        """Waits until CONDITION returns a true value for the received messages, and returns the
        value."""
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self.messages), PATIENCE):
                raise AssertionError(
                    f"not received within {PATIENCE} s: {what}; received: {self.messages[-50:]}"
                )
            return condition(self.messages)

    def wait_for(self, payload):
        """Waits for a datagram that is exactly PAYLOAD."""
        self.wait_until(repr(payload), lambda messages: payload in messages)

    def wait_for_lines(self, *lines):
        """Waits until these lines have arrived, in any datagrams."""
        self.wait_until(repr(lines), lambda _: set(lines) <= set(self.lines()))

    def lines(self):
        """Returns the lines of all received datagrams."""
        return [line for payload in self.messages for line in payload.split(b"\n") if line]

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(self.path)
            sender.send(self.END)
        self._thread.join()
        self._socket.close()
        for _, fd in self._stored:
            os.close(fd)
        os.unlink(self.path)


def end_session(leader):
    """Ends every process of this session, even if they are in several process groups."""
    while pids := [pid for pid, session in sessions() if session == leader]:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def sessions():
    """Returns the pid and the session of each process that is not a zombie."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                state, _, _, session = file.read().rsplit(")", 1)[1].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state not in "ZX":
            yield int(pid), int(session)


class Process:
    """A background process of the test, whose output goes to files."""

    def __init__(self, directory, command, env, stdin=subprocess.DEVNULL, **options):
        self._files = [tempfile.TemporaryFile(dir=directory) for _ in range(2)]
        self._process = subprocess.Popen(
            command, env=env, stdin=stdin, stdout=self._files[0], stderr=self._files[1], **options
        )
        self.pid = self._process.pid

    def _read(self, number):
        size = os.fstat(self._files[number].fileno()).st_size
        return os.pread(self._files[number].fileno(), size, 0).decode(errors="replace")

    @property
    def out(self):
        return self._read(0)

    @property
    def err(self):
        return self._read(1)

    def signal(self, number):
        self._process.send_signal(number)

    def is_running(self):
        return self._process.poll() is None

    def wait(self):
        """Waits for the end. Returns the exit status, or minus the number of the signal."""
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"still running after {PATIENCE} s: {self._process.args}; it said: {self.err[-2000:]}"
            ) from None

    def end(self):
        """Ends the process and all processes that it has started. All are in the session of the
        process."""
        end_session(self.pid)
        self._process.wait()
        for file in self._files:
            file.close()


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="notifybridge-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self._fresh_names = itertools.count()
        self.renew_shared_directory()
        self.bin = os.path.join(self.dir, "bin")
        os.mkdir(self.bin)
        for name in (WRAP, WAIT, SEND, CTL, "notifybridge"):
            os.symlink(EXECUTABLE, os.path.join(self.bin, name))

    def renew_shared_directory(self):
        """Replaces `self.shared` with a new directory."""
        self.shared = self.path(f"shared-{next(self._fresh_names)}")
        os.mkdir(self.shared, 0o755)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def command(self, name, *arguments):
        return [os.path.join(self.bin, name), *arguments]

    def environment(self, **changes):
        """Returns the environment of the test without a service manager's variables, and with
        CHANGES. The value None removes a variable."""
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WATCHDOG_", "LISTEN_", "FDSTORE"))
            and name
            not in ("NOTIFY_SOCKET", "JOURNAL_STREAM", "INVOCATION_ID", "TIMEOUT", "COLUMNS")
        }
        env["SHARED_DIR"] = self.shared
        env.update(changes)
        return {name: value for name, value in env.items() if value is not None}

    def podman_without_runtimes(self):
        """Returns the path of new settings of podman in which crun and runc have no paths."""
        settings = self.path("no-runtimes.conf")
        with open(settings, "w", encoding="utf-8") as file:
            file.write("[engine.runtimes]\ncrun = []\nrunc = []\n")
        return settings

    def start(self, name, *arguments, stdin=subprocess.DEVNULL, options=None, **env):
        """Starts the executable with this name in a new session."""
        process = Process(
            self.dir,
            self.command(name, *arguments),
            self.environment(**env),
            stdin,
            start_new_session=True,
            **(options or {}),
        )
        self.addCleanup(process.end)
        return process

    def run_to_end(self, name, *arguments, **more):
        """Starts the executable, and waits for its end. Returns (status, standard output, standard
        error)."""
        process = self.start(name, *arguments, **more)
        status = process.wait()
        return status, process.out, process.err

    def receiver(self, path=None, keeps_fds=False):
        receiver = Receiver(path or self.path(f"notify-{next(self._fresh_names)}"), keeps_fds)
        self.addCleanup(receiver.close)
        return receiver

    def start_app(self, receiver, code, wait_options=(), wrap_options=(), **env):
        """Starts `wait … wrap … app`. The app runs CODE, and the messages go to RECEIVER."""
        return self.start(
            WAIT,
            *wait_options,
            *self.command(WRAP, *wrap_options, *app(code)),
            NOTIFY_SOCKET=receiver.path,
            **env,
        )

    def read(self, *names):
        """Returns the content of a file, or an empty string if it does not exist."""
        try:
            with open(self.path(*names), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def container_status(self):
        """Returns the current lines of container-status."""
        return self.read(self.shared, "container-status").splitlines()

    def assert_refused(self, result, *words, status=125):
        """Checks that RESULT is a failure with that status, and that standard error is one line
        with these words."""
        got, out, err = result
        self.assertEqual(got, status, err)
        self.assertEqual(out, "")
        self.assertEqual(len(err.splitlines()), 1, f"more or less than one line: {err!r}")
        for word in words:
            self.assertIn(word, err)


def main():
    if not os.access(EXECUTABLE, os.X_OK):
        sys.exit("NOTIFYBRIDGE must name the executable to test")
    unittest.main()
