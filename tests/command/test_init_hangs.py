#!/usr/bin/python3
"""Tests services on a dead mount: only the process of the service may wait."""

import os
import shutil
import signal
import subprocess
import sys

import bridge
import managed
from managed import IDLE


class Hangs(managed.Case):
    def setUp(self):
        super().setUp()
        self.below, self.over = self.path("below"), self.path("over")
        for directory in (os.path.join(self.below, "sub"), self.over):
            os.makedirs(directory)
        with open(os.path.join(self.below, "sub", "words"), "w", encoding="utf-8") as file:
            file.write("WORD=read\n")
        os.symlink("/bin/true", os.path.join(self.below, "sub", "program"))
        self.server = subprocess.Popen(
            ["bindfs", "-f", self.below, self.over], stderr=subprocess.PIPE, text=True
        )
        self.addCleanup(self.end_server)
        bridge.eventually(
            "it is mounted",
            lambda: os.path.ismount(self.over) or self.server.poll() is not None,
        )
        if self.server.poll() is not None:
            self.skipTest(f"bindfs: {self.server.stderr.read().strip()}")

    def end_server(self):
        self.server.kill()
        self.server.wait()
        self.server.stderr.close()
        subprocess.run(["umount", "--lazy", self.over], check=False, stderr=subprocess.DEVNULL)

    def boot(self):
        self.write_unit("default.target", "[Unit]\nWants=idle.service\n")
        self.write_unit("idle.service", IDLE)
        process = self.start_init()
        self.wait_until_up(process)
        self.server.send_signal(signal.SIGSTOP)
        return process

    def value(self, name, unit):
        return self.ctl("show", f"--property={name}", "--value", unit)[1].strip()

    def write_hanging(self, lines):
        """Writes one unit for each way to access the mount."""
        sub = os.path.join(self.over, "sub")
        ways = {
            "directory": f"ExecStart=/bin/true\nWorkingDirectory={sub}",
            "program": f"ExecStart={sub}/program",
            "environment": f"EnvironmentFile={sub}/words\n"
            f"ExecStart=/bin/sh -c 'echo $WORD >{self.path('word')}'",
            "input": f"ExecStart=/bin/true\nStandardInput=file:{sub}/words",
            "output": f"ExecStart=/bin/true\nStandardOutput=append:{sub}/log",
        }
        for name, way in ways.items():
            self.write_unit(f"{name}.service", f"[Service]\nType=oneshot\n{lines}\n{way}\n")
        return [f"{name}.service" for name in ways]

    def test_a_hanging_service_times_out_and_other_services_continue(self):
        names = self.write_hanging("TimeoutStartSec=2")
        self.write_unit(
            "exec.service",
            f"[Service]\nType=exec\nTimeoutStartSec=2\nExecStart={self.over}/sub/program\n",
        )
        self.write_unit(
            "simple.service",
            f"[Service]\nExecStart=/bin/true\nWorkingDirectory={self.over}/sub\n",
        )
        self.write_unit("other.service", "[Service]\nType=oneshot\nExecStart=/bin/true\n")
        names.append("exec.service")
        process = self.boot()
        self.assertEqual(self.ctl("start", "--no-block", *names)[0], 0)
        # The unit is active with its process, although the process has not executed its program
        # yet.
        self.assertEqual(self.ctl("start", "simple.service", "other.service")[0], 0)
        self.assertEqual(self.value("ActiveState", "simple.service"), "active")
        self.assertEqual(self.ctl("stop", "simple.service")[0], 0)
        self.assertEqual(self.value("Result", "simple.service"), "success")
        for name in names:
            bridge.eventually(
                f"{name} has failed",
                lambda name=name: self.value("ActiveState", name) == "failed",
            )
            self.assertEqual(self.value("Result", name), "timeout", name)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_a_hanging_service_continues_when_it_can(self):
        names = self.write_hanging("RemainAfterExit=yes\nTimeoutStartSec=infinity")
        self.write_unit("exec.service", f"[Service]\nType=exec\nExecStart={self.over}/sub/wait\n")
        with open(os.path.join(self.below, "sub", "wait"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexec sleep infinity\n")
        os.chmod(os.path.join(self.below, "sub", "wait"), 0o755)
        missing = "missing.service"
        self.write_unit(
            missing,
            f"[Service]\nType=oneshot\nEnvironmentFile={self.over}/sub/none\nExecStart=/bin/true\n",
        )
        names.append("exec.service")
        self.boot()
        self.assertEqual(self.ctl("start", "--no-block", missing, *names)[0], 0)
        for name in (missing, *names):
            self.assertEqual(self.value("ActiveState", name), "activating", name)
        self.server.send_signal(signal.SIGCONT)
        for name in names:
            bridge.eventually(
                f"{name} is active", lambda name=name: self.value("ActiveState", name) == "active"
            )
        self.assertEqual(self.read("word"), "read\n")
        bridge.eventually("it has failed", lambda: self.value("ActiveState", missing) == "failed")
        self.assertEqual(self.value("Result", missing), "resources")


if os.geteuid() != 0 or not shutil.which("bindfs"):
    print("skipped: this takes bindfs, and root to mount with it")
    sys.exit(bridge.SKIPPED)
bridge.main()
