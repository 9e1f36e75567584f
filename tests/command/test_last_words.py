#!/usr/bin/python3
"""A `wait` names the run and is killed just when `wrap` checks whether `wait` is still alive.

strace(1) delays `wrap` between reading the file and checking the lock.
"""

import os
import select
import shutil
import signal
import subprocess
import sys
import time

import bridge
import moments
from shared_dir import BARRIER

STRACE = shutil.which("strace")
DELAY = 0.2  # The delay of each fcntl(2), in seconds.
SLOW = [
    STRACE or "strace", "-o", os.devnull, "-e", "trace=fcntl",
    "-e", f"inject=fcntl:delay_enter={int(DELAY * 1e6)}",
]  # fmt: skip
# While a barrier is held, `wrap` checks twice and then pauses for 0.1 s, half a second in all.
LATER = [0.1 * turn for turn in range(5)]
MESSAGES = [b"X_NUMBER=%d" % number for number in range(50)]


def can_delay():
    """Returns whether there is an strace that can and may delay system calls."""
    try:
        return subprocess.run([*SLOW, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


class LastWords(moments.Case):
    def start_slow_wrap(self):
        app = bridge.app(
            f"[notify(text) for text in {MESSAGES}]; barrier(); print('back', flush=True); stay()"
        )
        words = [*SLOW, *self.command(bridge.WRAP), *app]
        wrap = bridge.Process(self.dir, words, self.environment(), start_new_session=True)
        self.addCleanup(wrap.end)
        return wrap

    def holds_barrier(self):
        header = self.container.header()
        return header and [record["type"] for record in self.records()].count(BARRIER) == 1

    def hear_while(self, condition):
        """Returns the messages, without barriers, that arrive until CONDITION is false."""
        heard = []

        def is_over():
            while select.select([self.manager], [], [], 0)[0]:
                heard.append(self.manager.recv(8192))
            return not condition()

        bridge.eventually("it is over", is_over)
        return [payload for payload in heard if payload != b"BARRIER=1"]

    def test_a_barrier_is_held_for_a_wait_killed_as_it_names_the_run(self):
        for later in LATER:
            with self.subTest(later=later):
                self.renew_shared_directory()
                self.container = moments.Container(self.dir, self.shared)
                self.kill_as_it_names_the_run(later)

    def kill_as_it_names_the_run(self, later):
        killed = self.attach()
        killed.signal(signal.SIGSTOP)
        wrap = self.start_slow_wrap()
        bridge.eventually("the barrier is held", self.holds_barrier)
        run = self.container.header()["run"]
        time.sleep(3 * DELAY + later)  # By now, `wrap` has checked twice.
        killed.signal(signal.SIGCONT)
        bridge.eventually("it names the run", lambda: self.host()[2].get("RUN_ID") == run)
        self.kill(killed)
        # `wrap` would check again within a part of this time.
        time.sleep(4 * DELAY)
        self.assertEqual(wrap.out, "", "the barrier came back, and nobody has all messages")
        waiting = self.attach()
        heard = self.hear_while(lambda: wrap.out != "back\n")
        # Messages that the killed `wait` has sent may arrive again.
        self.assertEqual(set(heard), set(MESSAGES))
        wrap.end()
        waiting.end()


if __name__ == "__main__":
    if not can_delay():
        print("skipped: strace(1) cannot delay system calls here")
        sys.exit(bridge.SKIPPED)
    bridge.main()
