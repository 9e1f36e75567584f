#!/usr/bin/python3
"""Tests services on a dead mount: only the process of the service may wait."""

import os
import shutil
import signal
import socket
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

    def write_waiting(self):
        """Writes units that wait for files on the mount, each in another way."""
        sub = os.path.join(self.over, "sub")
        tests = {
            "condition": f"ConditionPathExists={sub}/words",
            "assertion": f"AssertDirectoryNotEmpty={sub}",
            "pattern": f"ConditionPathExistsGlob={sub}/w*s",
            "unmet": f"ConditionPathExists=!{sub}/words",
        }
        for name, test in tests.items():
            self.write_unit(f"{name}.service", f"[Unit]\n{test}\n{managed.DONE}")
        rules = {
            "exists": f"PathExists={sub}/words",
            "match": f"PathExistsGlob={sub}/w*",
            "filled": f"DirectoryNotEmpty={sub}",
            "made": f"PathExists={sub}/new",
            "changed": f"PathModified={sub}/words",
        }
        for name, rule in rules.items():
            self.write_unit(f"{name}.path", f"[Path]\n{rule}\nMakeDirectory=yes\n")
            self.write_unit(f"{name}.service", IDLE)
        return [f"{name}.service" for name in tests], list(rules)

    def test_a_look_at_a_hanging_file_system_does_not_stop_init(self):
        services, paths = self.write_waiting()
        self.write_unit("other.service", managed.DONE)
        process = self.boot()
        self.assertEqual(self.ctl("start", *[f"{name}.path" for name in paths])[0], 0)
        self.assertEqual(self.ctl("start", "--no-block", *services)[0], 0)
        self.assertEqual(self.ctl("start", "other.service")[0], 0)
        for name in services:
            self.assertEqual(self.value("ActiveState", name), "inactive", name)
            self.assertNotEqual(self.value("Job", name), "0", name)
        for name in paths:
            self.assertEqual(self.value("SubState", f"{name}.path"), "waiting", name)
        # A job that waits can be cancelled, and a unit that waits can be stopped and started.
        self.assertEqual(self.ctl("stop", services[0], "made.path")[0], 0)
        self.assertEqual(self.ctl("start", "--no-block", services[0])[0], 0)
        self.assertEqual(self.ctl("start", "made.path")[0], 0)
        bridge.eventually("it is said", lambda: "does not respond" in self.ctl("status", "exists.path")[1])
        self.server.send_signal(signal.SIGCONT)
        for name in services[:-1]:
            bridge.eventually(
                f"{name} is active", lambda name=name: self.value("ActiveState", name) == "active"
            )
        bridge.eventually("no job is left", lambda: "No jobs" in self.ctl("list-jobs")[1])
        self.assertEqual(self.value("ActiveState", "unmet.service"), "inactive")
        for name in ("exists", "match", "filled"):
            bridge.eventually(
                f"{name} is triggered",
                lambda name=name: self.value("ActiveState", f"{name}.service") == "active",
            )
        for name in ("made", "changed"):
            self.assertEqual(self.value("SubState", f"{name}.path"), "waiting", name)
        with open(os.path.join(self.over, "sub", "new"), "w", encoding="utf-8") as file:
            file.write("new")
        with open(os.path.join(self.over, "sub", "words"), "a", encoding="utf-8") as file:
            file.write("changed")
        for name in ("made", "changed"):
            bridge.eventually(
                f"{name} is triggered",
                lambda name=name: self.value("ActiveState", f"{name}.service") == "active",
            )
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_a_large_directory_is_read_by_a_child(self):
        large = self.path("large")
        os.mkdir(large)
        for number in range(20_000):
            os.close(os.open(os.path.join(large, f".{number:040}"), os.O_CREAT))
        self.write_unit("filled.path", f"[Path]\nDirectoryNotEmpty={large}\n")
        self.write_unit("filled.service", IDLE)
        self.write_unit("empty.service", f"[Unit]\nConditionDirectoryNotEmpty=!{large}\n{managed.DONE}")
        process = self.boot()
        self.assertEqual(self.ctl("start", "filled.path", "empty.service")[0], 0)
        self.assertEqual(self.value("ActiveState", "empty.service"), "active")
        self.assertEqual(self.value("SubState", "filled.path"), "waiting")
        with open(os.path.join(large, "file"), "w", encoding="utf-8"):
            pass
        bridge.eventually(
            "it is triggered", lambda: self.value("ActiveState", "filled.service") == "active"
        )
        self.assertTrue(process.is_running())

    def until(self, name, value, unit):
        bridge.eventually(
            f"{unit} has {name}={value}", lambda: self.value(name, unit) == value
        )

    def write_files_of_manager(self, limit):
        """Writes one unit for each file on the mount that systemd's manager accesses itself."""
        sub = os.path.join(self.over, "sub")
        daemon = f"[Service]\nType=forking\nPIDFile={sub}/pid\nTimeoutStartSec={limit}\n"
        script = f"sleep infinity & echo $! >{self.path('pid')}"
        self.write_unit("daemon.service", f"{daemon}ExecStart=/bin/sh -c '{script}'\n")
        sockets = {
            "stream": f"ListenStream={sub}/made/stream",
            "datagram": f"ListenDatagram={sub}/datagram",
            "fifo": f"ListenFIFO={sub}/fifo",
            "special": f"ListenSpecial={sub}/none",
            "link": f"ListenStream={self.path('linked')}\nSymlinks={sub}/link",
        }
        for name, lines in sockets.items():
            text = f"[Socket]\n{lines}\nRemoveOnStop=yes\nTimeoutSec={limit}\n"
            self.write_unit(f"{name}.socket", text)
            self.write_unit(f"{name}.service", IDLE)
        self.write_unit("source.service", f"[Unit]\nSourcePath={sub}/source\n{IDLE}")
        self.write_unit("other.service", managed.DONE)
        return [f"{name}.socket" for name in sockets]

    def start_all(self, sockets):
        self.assertEqual(self.ctl("start", "--no-block", "daemon.service", *sockets)[0], 0)
        self.assertEqual(self.ctl("start", "source.service", "other.service")[0], 0)

    def test_files_of_the_manager_are_accessed_by_a_child(self):
        sockets = self.write_files_of_manager("infinity")
        below = os.path.join(self.below, "sub")
        process = self.boot()
        self.start_all(sockets)
        for name in sockets:
            self.until("SubState", "start-chown", name)
        self.until("SubState", "start", "daemon.service")
        # A mount unit needs no access to its path.
        self.assertEqual(self.ctl("start", os.path.join(self.over, "sub"))[0], 5)
        self.assertEqual(self.ctl("start", self.over)[0], 0)
        # The second start waits until the child of the first one has ended.
        self.assertEqual(self.ctl("stop", "stream.socket")[0], 0)
        self.assertEqual(self.ctl("start", "--no-block", "stream.socket")[0], 0)
        self.until("SubState", "start-chown", "stream.socket")
        for name in (sockets[0], "daemon.service"):
            bridge.eventually(
                "it is said", lambda name=name: "does not respond" in self.ctl("status", name)[1]
            )
        self.server.send_signal(signal.SIGCONT)
        for name in sockets:
            self.until("ActiveState", "failed" if name == "special.socket" else "active", name)
        self.assertEqual(os.readlink(os.path.join(below, "link")), self.path("linked"))
        with open(os.path.join(self.over, "sub", "fifo"), "w", encoding="ascii") as fifo:
            fifo.write("x")
        self.until("ActiveState", "active", "fifo.service")
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.connect(os.path.join(self.over, "sub", "made", "stream"))
        self.until("ActiveState", "active", "stream.service")

        with open(self.path("pid"), encoding="ascii") as file:
            pid = file.read()
        self.assertEqual(self.value("ActiveState", "daemon.service"), "activating")
        with open(os.path.join(self.over, "sub", "pid"), "w", encoding="ascii") as file:
            file.write(pid)
        self.until("ActiveState", "active", "daemon.service")
        self.assertEqual(self.value("MainPID", "daemon.service"), pid.strip())
        # A restart must not remove the file of the new process.
        self.write_unit(
            "quick.service",
            f"[Service]\nType=forking\nPIDFile={self.over}/sub/quick\n"
            f"ExecStart=/bin/sh -c 'sleep infinity & echo $! >{self.over}/sub/quick'\n",
        )
        for _ in range(5):
            self.assertEqual(self.ctl("restart", "quick.service")[0], 0)
        self.assertEqual(
            self.ctl("stop", "daemon.service", "stream.service", "fifo.service", *sockets)[0], 0
        )
        for name in ("pid", "link", "fifo", "datagram", "made/stream"):
            path = os.path.join(below, name)
            bridge.eventually(f"{name} is removed", lambda path=path: not os.path.lexists(path))
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_a_start_that_waits_for_a_file_system_times_out(self):
        sockets = self.write_files_of_manager("1")
        process = self.boot()
        self.start_all(sockets)
        for name in ("daemon.service", *sockets):
            self.until("ActiveState", "failed", name)
            self.assertEqual(self.value("Result", name), "timeout", name)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_a_mount_in_a_runtime_directory_is_kept(self):
        self.write_unit("rt.service", f"[Service]\nRuntimeDirectory=rt\n{IDLE.split(chr(10), 1)[1]}")
        self.write_unit("other.service", managed.DONE)
        runtime = os.path.join(self.root, "run", "rt")
        place = os.path.join(runtime, "deep", "mount")
        self.boot()
        self.server.send_signal(signal.SIGCONT)
        self.assertEqual(self.ctl("start", "rt.service")[0], 0)
        os.makedirs(place)
        with open(os.path.join(runtime, "file"), "w", encoding="utf-8"):
            pass
        subprocess.run(["mount", "--bind", self.over, place], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", place], check=True)
        self.server.send_signal(signal.SIGSTOP)
        self.assertEqual(self.ctl("stop", "rt.service")[0], 0)
        self.assertEqual(self.ctl("start", "other.service")[0], 0)
        self.assertEqual(os.listdir(runtime), ["deep"])
        self.assertTrue(os.path.exists(os.path.join(self.below, "sub", "words")))

    def test_failures_of_the_child_have_their_usual_results(self):
        sub = os.path.join(self.over, "sub")
        reasons = {
            f"ListenStream={sub}/words/x": ("resources", "Not a directory"),
            f"ListenSpecial={sub}/words": ("resources", "Operation not permitted"),
            f"ListenFIFO={sub}/f\nSocketUser=no-such-user": ("exit-code", "SocketUser=no-such-user"),
        }
        for number, lines in enumerate(reasons):
            self.write_unit(f"{number}.socket", f"[Socket]\n{lines}\n")
            self.write_unit(f"{number}.service", IDLE)
        self.boot()
        self.server.send_signal(signal.SIGCONT)
        for number, (result, text) in enumerate(reasons.values()):
            name = f"{number}.socket"
            self.assertEqual(self.ctl("start", name)[0], 1)
            self.assertEqual(self.value("Result", name), result, name)
            self.assertIn(text, self.ctl("status", name)[1])


if os.geteuid() != 0 or not shutil.which("bindfs"):
    print("skipped: this takes bindfs, and root to mount with it")
    sys.exit(bridge.SKIPPED)
bridge.main()
