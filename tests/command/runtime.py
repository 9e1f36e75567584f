#!/usr/bin/python3
"""A container's runtime for the tests. Keeps `wrap` running, like `podman run --restart=always`.

    runtime.py NUMBER START COMMAND [ARG...]

NUMBER identifies the runtimes of a test: only the last one may start anything. START is the action
for an existing container. `follow` waits for its end. TERM and KILL mean `--replace`, and end the
container and its runtime with this signal. Each run of COMMAND has a number, STREAM_RUN, and a
directory STREAM_LEDGER in STREAM_DIRECTORY. This directory gets the run's journal when the run is
over. SIGTERM goes to COMMAND, which is then not started again.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

import stream  # It makes shared_dir importable.
from shared_dir import is_locked, read_header


class Container:
    """The known facts about the runs that share DIRECTORY. All kills of a run go through this
    class."""

    def __init__(self, directory, shared):
        self.directory = directory
        self.journal = os.path.join(shared, "journal")

    def path(self, *names):
        return os.path.join(self.directory, *map(str, names))

    def write(self, name, *numbers):
        new = self.path(f"{name}.{os.getpid()}")
        with open(new, "w", encoding="ascii") as file:
            file.write(" ".join(map(str, numbers)))
        os.rename(new, self.path(name))

    def read(self, name, default):
        try:
            with open(self.path(name), encoding="ascii") as file:
                return [int(word) for word in file.read().split()]
        except FileNotFoundError:
            return default

    def last_runtime(self):
        """Returns the number of the last runtime that was to be started."""
        return self.read("last", [0])[0]

    def announce_runtime(self):
        """Returns the number for a new runtime, which is the last one from now on."""
        self.write("last", self.last_runtime() + 1)
        return self.last_runtime()

    def has_runtime(self, number):
        """Returns whether that runtime runs or begins to run."""
        wanted = [b"runtime.py", str(number).encode()]
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if [os.path.basename(word) for word in words[1:3]] == wanted and self.is_ours(pid):
                return True
        return False

    def current(self):
        """Returns a runtime's number and pid, the pid of its `wrap`, and the number of the run."""
        return self.read("current", [0, 0, 0, -1])

    @staticmethod
    def variable(pid, name):
        """Returns a variable in the environment of a process, or None if the process is gone."""
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                variables = file.read().decode(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return dict(line.split("=", 1) for line in variables if "=" in line).get(name)

    def is_ours(self, pid):
        """Returns whether that process belongs to this test, and is not another one with the same
        pid."""
        return self.variable(pid, "STREAM_DIRECTORY") == self.directory

    def run_that_lives(self):
        """Returns the number of the run that has the journal. This also works if the runtime was
        killed before it wrote down the number of the run that it had started. The first `wrap` of
        the next runtime was refused in this case."""
        header = self.header()
        number = self.variable(header["pid"], "STREAM_RUN") if header else None
        return None if number is None else int(number)

    def kill(self, pid, number):
        """Sends a signal to a process of this test if it is alive, and records the time."""
        if pid == 0:
            return False
        try:
            pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        try:
            if not self.is_ours(pid):
                return False
            line = f"{time.monotonic()} {pid} {int(number)}\n".encode()
            with open(self.path("kills"), "ab", buffering=0) as file:
                file.write(line)
            signal.pidfd_send_signal(pidfd, number)
            return True
        except ProcessLookupError:
            return False
        finally:
            os.close(pidfd)

    def header(self):
        """Returns the header of the journal, or None if there is no journal."""
        try:
            with open(self.journal, "rb") as file:
                return read_header(file.read(128))
        except FileNotFoundError:
            return None

    def is_alive(self):
        try:
            return is_locked(self.journal)
        except FileNotFoundError:
            return False

    def replace(self, number):
        _, runtime, _, _ = self.current()
        if runtime != os.getpid():
            self.kill(runtime, signal.SIGKILL)
        while self.is_alive():
            self.kill(self.header()["pid"], number)
            time.sleep(0.01)  # The loop ends when the process is dead.

    def keep_journal(self, *names):
        """Copies the journal. A link would change the file, which would be an event for its
        watchers."""
        try:
            shutil.copyfile(self.journal, self.path(*names))
        except FileNotFoundError:
            pass

    def next_run(self):
        number = 0
        while True:
            try:
                os.mkdir(self.path(number))
                return number
            except FileExistsError:
                number += 1


def main():
    number, start, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
    container = Container(os.environ["STREAM_DIRECTORY"], os.environ["SHARED_DIR"])
    stopped = False
    child = None

    def stop(*_):
        nonlocal stopped
        stopped = True
        if child:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    while container.last_runtime() == number:
        if start != "follow":
            container.replace(signal.Signals[f"SIG{start}"])
        container.write("current", number, os.getpid(), *container.current()[2:])
        while container.is_alive():
            if stopped:
                container.kill(container.header()["pid"], signal.SIGTERM)
            time.sleep(0.001)
        if stopped:
            break
        run = container.next_run()
        container.keep_journal(run, "journal-before")
        started = time.monotonic_ns()
        env = {"STREAM_RUN": str(run), "STREAM_LEDGER": container.path(run)}
        child = subprocess.Popen(command, env={**os.environ, **env})
        container.write(f"{run}/wrap", child.pid, started)
        container.write("current", number, os.getpid(), child.pid, run)
        if stopped:
            child.terminate()
        child.wait()
        container.keep_journal(run, "journal")
        if stopped:
            break
    container.write(f"stopped-{number}")


if __name__ == "__main__":
    main()
