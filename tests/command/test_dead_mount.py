#!/usr/bin/python3
"""Tests probes of a file system that does not respond. Only these probes may wait for it."""

import os
import signal
import sys

import bridge
import dead_mount
import probed

# An app that sends without end.
SPEAKER = """
for number in range(10**6):
    notify(f"X_N={number}")
    time.sleep(0.02)
"""
SILENT = "its file system does not respond"
# If `wrap` waited for a process that cannot be killed, the test would exceed its time limit.
LONG = f"--kill-after={2 * bridge.PATIENCE}"


class DeadMount(probed.Case):
    def on_each(self, kinds=(False, True)):
        """Yields a dead mount of each kind. A process that waits for the first one can be killed,
        and a process that waits for the second one cannot."""
        for takes in kinds:
            place = self.path(f"dead-{next(self._fresh_names)}")
            os.mkdir(place)
            mount = dead_mount.DeadMount(place, takes)
            self.addCleanup(mount.close)
            self.manager.messages.clear()
            with self.subTest(takes=takes):
                yield mount
            # Processes may wait for the mount, so release them before they are ended.
            mount.close()

    def start_on(self, mount, option, code=SPEAKER):
        """Starts `wrap` with OPTION, which ends in a path on the mount, and an app that sends
        messages."""
        process = self.straight(
            LONG, f"{option}{mount.place}/x", *bridge.app(code), WATCHDOG_USEC="300000"
        )
        bridge.eventually("it looks", lambda: self.lookers(process))
        return process

    def assert_messages_flow(self):
        """Checks that more messages of the app arrive."""
        before = self.numbers()
        self.manager.wait_until("more messages", lambda _: self.numbers() > before + 10)

    def numbers(self):
        return sum(message.startswith(b"X_N=") for message in self.manager.messages)

    def lookers(self, process):
        """Returns the pids of the children of `wrap`, except the command, which is the first."""
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()][1:]

    def assert_hangs_alone(self, process, mount):
        """Checks that at most one process waits, and that it holds nothing open."""
        lookers = self.lookers(process)
        self.assertLessEqual(len(lookers), 1)
        self.assertLessEqual(mount.held, 1)
        for pid in lookers if mount.held else []:
            self.assertEqual(os.listdir(f"/proc/{pid}/fd"), [])
        self.assertEqual(process.err.count("does not respond"), 1, process.err)

    def assert_ends(self, process):
        left = self.lookers(process)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), -signal.SIGTERM, process.err)
        return left

    def check_readiness(self, kind, *kinds):
        for mount in self.on_each(kinds):
            process = self.start_on(mount, f"--ready-when={kind}")
            self.assert_messages_flow()
            self.wait_for_status("waiting for ", SILENT)
            self.assert_messages_flow()
            self.assert_never_ready()
            self.assert_hangs_alone(process, mount)
            left = self.assert_ends(process)
            mount.close()
            for pid in left:
                bridge.eventually("it ends", lambda pid=pid: not os.path.exists(f"/proc/{pid}"))

    def test_a_file_probe_survives_a_dead_mount(self):
        self.check_readiness("file:", False, True)

    def test_a_socket_probe_survives_a_dead_mount(self):
        self.check_readiness("unix:", True)

    def test_an_http_probe_survives_a_dead_mount(self):
        self.check_readiness("http+unix://", True)

    def test_the_app_is_ready_once_the_file_system_answers(self):
        for mount in self.on_each():
            process = self.start_on(mount, "--ready-when=file:")
            self.wait_for_status("waiting for ", SILENT)
            mount.answer()
            self.manager.wait_for_lines(b"READY=1")
            self.assert_ends(process)

    def test_the_app_is_alive_again_once_the_mount_answers(self):
        for mount in self.on_each():
            process = self.start_on(mount, "--alive-when=file:", 'notify("READY=1")' + SPEAKER)
            self.wait_for_status("not alive: file:", SILENT)
            self.assert_messages_flow()
            self.assertNotIn(b"WATCHDOG=1", self.manager.lines())
            self.assertEqual(process.err.count("not alive"), 1, process.err)
            mount.answer()
            self.manager.wait_for_lines(b"WATCHDOG=1")
            self.assert_ends(process)


if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
    print("skipped: this takes /dev/fuse, and root to mount with it")
    sys.exit(bridge.SKIPPED)
dead_mount.enter_own_mounts()
bridge.main()
