"""Helps the tests of `init`: a manager with its own root, and units in it."""

import os
import signal

import bridge

# This service runs until a signal ends it.
IDLE = "[Service]\nExecStart=/bin/sleep infinity\n"
DONE = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n"


class Case(bridge.Case):
    """A manager with its own root."""

    def setUp(self):
        super().setUp()
        self.root = self.path("root")
        self.units = os.path.join(self.root, "etc", "systemd", "system")
        os.makedirs(self.units)

    def write_unit(self, name, text):
        with open(os.path.join(self.units, name), "w", encoding="utf-8") as file:
            file.write(text)

    def start_init(self, *words, **more):
        # By default, `init` gets no shared directory from the environment of the test.
        more.setdefault("SHARED_DIR", None)
        process = self.start("notifybridge", "init", f"--root={self.root}", *words, **more)
        # The services of `init` are in sessions of their own. They end only if `init` ends in
        # order.
        self.addCleanup(self.end_init, process)
        return process

    def end_init(self, process):
        if process.is_running():
            process.signal(signal.SIGTERM)
            process.wait()

    def ctl(self, *words, **more):
        return self.run_to_end("notifybridge", "ctl", f"--root={self.root}", *words, **more)

    def wait_until_up(self, process, **more):
        def is_up():
            # The socket does not exist before `init` listens.
            self.assertTrue(process.is_running(), process.err)
            return self.ctl("is-system-running", "--wait", **more)[1] != "offline\n"

        bridge.eventually("init is up", is_up)
