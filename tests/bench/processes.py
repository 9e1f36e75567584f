"""Starts, inspects and ends processes and all their descendants."""

import contextlib
import os
import re
import signal
import subprocess
import time

NANOSECONDS_A_SECOND = 1_000_000_000
KIBIBYTE = 1024


# A service manager or a user of notifybridge may have set these variables, which contenders must
# not get.
NOT_PASSED_ON = ("NOTIFY_SOCKET", "JOURNAL_STREAM", "INVOCATION_ID", "TIMEOUT", "SHARED_DIR")


def environment(**changes):
    """Returns our environment without the variables of a service manager, and with CHANGES."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WATCHDOG_", "LISTEN_", "FDSTORE"))
        and name not in NOT_PASSED_ON
    }
    return {**env, **changes}


class Failed(Exception):
    """A contender did not do what it was started to do."""


class Process:
    """A process in its own session, so that only we get the signals of a terminal."""

    def __init__(self, command, log, capture=False, **env):
        self._process = subprocess.Popen(
            command,
            env=environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else log,
            stderr=log,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.stdout = self._process.stdout

    def is_running(self):
        return self._process.poll() is None

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, seconds):
        self._process.wait(seconds)

    def end(self):
        """Ends the process and all its descendants, in all sessions."""
        self._kill([*descendants(self.pid), self.pid])

    def end_supervisor(self):
        """Ends the same processes as `end`, even if each of them restarts its children. Stops all
        processes first, beginning with the parent, so that none of them can start another one."""
        pids = [self.pid]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
            eventually(f"{pid} is stopped", lambda: state_of(pid) in "TZ")
            pids += children_of(pid)
        self._kill(pids)

    def _kill(self, pids):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self._process.wait()
        if self.stdout:
            self.stdout.close()


def eventually(what, condition, seconds=30, interval=0.002):
    """Returns the result of CONDITION as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(interval)
    return value


@contextlib.contextmanager
def receiver(bench, host, log):
    """Runs bench-receiver, which receives messages at HOST as a service manager does."""
    process = Process([bench.program("bench-receiver"), host, *4 * "0"], log)
    try:
        eventually("the receiver is there", lambda: os.path.exists(host))
        yield
    finally:
        process.end()


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def descendants(pid):
    found = children_of(pid)
    for child in list(found):
        found += descendants(child)
    return found


def child_of(pid):
    """Returns the only child of a process, as soon as it has one."""
    return eventually(f"process {pid} starts another", lambda: children_of(pid))[0]


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def state_of(pid):
    """Returns the state in proc(5): T for a stopped process, Z for an ended one."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def find(command, word):
    """Returns the pid of a process with that name and with WORD among its arguments, or None."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode(errors="replace").split("\0")
        except OSError:
            continue
        if os.path.basename(words[0]) == command and word in words:
            return int(pid)
    return None


def cpu_seconds(pids):
    """Returns the processor time of all threads of these processes in seconds
    (/proc/PID/schedstat)."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total / NANOSECONDS_A_SECOND


def faults_and_reads(pid):
    """Returns how many pages the process has touched for the first time, and how often it has called
    read(2) or a similar function."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        faults = int(file.read().rsplit(")", 1)[1].split()[7])
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        reads = int(re.search(r"^syscr: (\d+)$", file.read(), re.M)[1])
    return {"faults": faults, "reads": reads}


def wake_ups(pids):
    """Returns how often these processes have waited and continued."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            total += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", file.read(), re.M)[1])
    return total


def memory(pid):
    """Returns resident, proportional and private memory in KiB."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        lines = dict(re.findall(r"^(\w+):\s+(\d+) kB$", file.read(), re.M))
    return {
        "rss": int(lines["Rss"]),
        "pss": int(lines["Pss"]),
        "private": int(lines["Private_Dirty"]),
    }


def wait_for_quiet(pids, seconds):
    """Returns when these processes have not woken up for this time."""
    before, since = wake_ups(pids), time.monotonic()
    deadline = since + 10 * seconds + 5
    while time.monotonic() < since + seconds:
        if time.monotonic() > deadline:
            raise Failed(f"processes {pids} do not come to rest")
        time.sleep(0.05)
        if (count := wake_ups(pids)) != before:
            before, since = count, time.monotonic()
