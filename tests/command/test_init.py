#!/usr/bin/python3
"""Tests the messages of init to the host, its end, and its directories: notifybridge-init(1)."""

import os
import pwd
import re
import resource
import signal
import socket
import subprocess
import unittest

import bridge
import managed
from managed import DONE, IDLE


class Init(managed.Case):
    def test_init_notifies_the_host_in_order(self):
        self.write_unit("default.target", "[Unit]\nWants=idle.service\n")
        self.write_unit("idle.service", IDLE)
        receiver = self.receiver()
        process = self.start_init(NOTIFY_SOCKET=receiver.path)
        receiver.wait_for_lines(b"READY=1")
        process.signal(signal.SIGHUP)
        receiver.wait_for_lines(b"RELOADING=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)
        receiver.wait_for_lines(b"EXIT_STATUS=0")
        said = [re.sub(rb"(MONOTONIC_USEC)=\d+", rb"\1", line) for line in receiver.lines()]
        wanted = [
            b"STATUS=Starting default.target",
            b"X_SYSTEMD_SIGNALS_LEVEL=2",
            b"X_SYSTEMD_UNIT_ACTIVE=default.target",
            b"READY=1",
            b"STATUS=Ready.",
            b"RELOADING=1",
            b"MONOTONIC_USEC",
            b"READY=1",
            b"STOPPING=1",
            b"STATUS=Shutting down.",
            b"X_SYSTEMD_UNIT_INACTIVE=default.target",
            b"EXIT_STATUS=0",
            b"X_SYSTEMD_SHUTDOWN=exit",
        ]
        # This test does not check other targets.
        others = [
            line for line in said
            if line.startswith(b"X_SYSTEMD_UNIT_") and not line.endswith(b"=default.target")
        ]
        self.assertEqual([line for line in said if line not in others], wanted)

    def test_a_problem_in_a_file_is_logged_once_when_the_unit_starts(self):
        unhonoured = IDLE + "ProtectSystem=strict\n"
        self.write_unit("default.target", "[Unit]\nWants=app.service\n")
        self.write_unit("app.service", "[Unit]\nAfter=later.service\n" + unhonoured)
        self.write_unit("later.service", unhonoured)
        process = self.start_init()
        self.wait_until_up(process)

        def count(name):
            return process.err.count(f"{name}: running without the protection of ProtectSystem=.")

        self.assertEqual((count("app.service"), count("later.service")), (1, 0), process.err)
        self.ctl("daemon-reload")
        self.ctl("restart", "app.service")
        self.ctl("daemon-reload")
        self.assertEqual((count("app.service"), count("later.service")), (1, 0), process.err)
        self.ctl("start", "later.service")
        self.assertEqual(count("later.service"), 1, process.err)
        # If a file was edited, its problems are reported again.
        self.write_unit("app.service", unhonoured)
        self.ctl("daemon-reload")
        self.assertEqual(count("app.service"), 1, process.err)
        self.ctl("restart", "app.service")
        self.assertEqual(count("app.service"), 2, process.err)

    def test_the_problem_of_an_unusable_unit_is_logged_on_request(self):
        self.write_unit("default.target", "[Unit]\nAfter=bad.service\n")
        self.write_unit("bad.service", "[Service]\nType=simple\n")
        process = self.start_init()
        self.wait_until_up(process)
        self.assertEqual(process.err, "")
        status, _, err = self.ctl("start", "bad.service")
        self.assertEqual(status, 1)
        self.assertIn("has a bad unit file setting", err)
        self.assertIn("bad.service: cannot use the unit", process.err)
        # In a container, an administrator may not see the output of process 1.
        self.assertIn("bad.service: cannot use the unit", self.ctl("logs", "bad.service")[1])
        self.assertIn("bad.service: cannot use the unit", self.ctl("status", "bad.service")[1])
        # Instances share a file, and its problem is in the log of each.
        self.write_unit("bad@.service", "[Service]\nType=simple\n")
        for instance in ("bad@1.service", "bad@2.service"):
            self.assertEqual(self.ctl("start", instance)[0], 1)
            self.assertIn("bad@.service: cannot use", self.ctl("logs", instance)[1])

    def test_useless_units_of_systemd_are_skipped(self):
        self.write_unit("default.target", "[Unit]\nWants=systemd-initctl.service\n")
        self.write_unit("systemd-initctl.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
        process = self.start_init()
        self.wait_until_up(process)
        self.assertEqual(self.ctl("is-system-running")[:2], (0, "running\n"))
        self.assertEqual(self.ctl("start", "systemd-initctl")[0], 0)
        _, out, _ = self.ctl("status", "systemd-initctl")
        self.assertRegex(out, r"Drop-In: /built-in/systemd-initctl.service.d\n")
        self.assertIn(f"ConditionPathExists=!{self.root}/run/notifybridge was not met", out)
        _, out, _ = self.ctl("cat", "systemd-initctl")
        self.assertIn("# /built-in/systemd-initctl.service.d/00-notifybridge.conf\n# It passes", out)

    def test_booting_systemds_units_logs_no_failed_dependency(self):
        utmp, runlevel = "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service"
        oneshot = "[Service]\nType=oneshot\nExecStart=/bin/false\nExecStop=/bin/false\n"
        self.write_unit("default.target", f"[Unit]\nWants={utmp} {runlevel}\n")
        self.write_unit(utmp, f"{oneshot}RemainAfterExit=yes\n")
        self.write_unit(runlevel, f"[Unit]\nRequisite={utmp}\nAfter={utmp}\n{oneshot}")
        process = self.start_init()
        self.wait_until_up(process)
        self.assertEqual(self.ctl("is-system-running")[:2], (0, "running\n"))
        self.assertEqual(self.ctl("is-active", utmp)[1], "active\n")
        self.assertEqual(self.ctl("stop", utmp)[0], 0)
        self.assertEqual(self.ctl("is-active", utmp)[1], "inactive\n")
        self.assertNotIn("Dependency failed", process.out + process.err)

    def test_wait_passes_on_messages_of_the_shared_directory(self):
        self.write_unit("app.service", DONE)
        receiver = self.receiver()
        wait = self.start(
            bridge.WAIT,
            *self.command("notifybridge", "init", f"--root={self.root}", "--unit=app.service"),
            NOTIFY_SOCKET=receiver.path,
        )
        receiver.wait_for_lines(b"READY=1")
        wait.signal(signal.SIGTERM)
        # The command was stopped, and its status is 0.
        self.assertEqual(wait.wait(), 0)
        receiver.wait_for_lines(b"STOPPING=1", b"EXIT_STATUS=0")

    def test_init_leaves_the_shared_directory_to_its_wrap(self):
        self.write_unit("app.service", DONE)
        receiver = self.receiver()
        init = self.command("notifybridge", "init", f"--root={self.root}", "--unit=app.service")
        wait = self.start(
            bridge.WAIT, *self.command(bridge.WRAP, *init), NOTIFY_SOCKET=receiver.path
        )
        receiver.wait_for_lines(b"READY=1")
        self.assertNotIn("in use by another wrap", wait.err)
        wait.signal(signal.SIGTERM)
        self.assertEqual(wait.wait(), 0)

    def test_init_pings_the_watchdog_of_the_host(self):
        self.write_unit("app.service", DONE)
        receiver = self.receiver()
        watched = {"NOTIFY_SOCKET": receiver.path, "WATCHDOG_USEC": "300000"}
        process = self.start_init("--unit=app.service", **watched)
        receiver.wait_until("some pings", lambda said: said.count(b"WATCHDOG=1") > 3)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_init_pings_the_watchdog_by_a_shared_directory(self):
        self.write_unit("app.service", DONE)
        receiver = self.receiver()
        process = self.start(
            bridge.WAIT,
            *self.command("notifybridge", "init", f"--root={self.root}", "--unit=app.service"),
            NOTIFY_SOCKET=receiver.path,
            WATCHDOG_USEC="300000",
        )
        receiver.wait_until("some pings", lambda said: said.count(b"WATCHDOG=1") > 3)
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)

    def test_init_pings_a_shortened_watchdog_in_time(self):
        self.write_unit("app.service", DONE)
        process = self.start_init("--unit=app.service", SHARED_DIR=self.shared)
        for watchdog, is_pinged in (("3600000000", False), ("300000", True)):
            receiver = self.receiver()
            wait = self.start(bridge.WAIT, NOTIFY_SOCKET=receiver.path, WATCHDOG_USEC=watchdog)
            receiver.wait_for_lines(b"READY=1")
            if is_pinged:
                receiver.wait_until("some pings", lambda said: said.count(b"WATCHDOG=1") > 3)
            # `init` sends no other message, which could delay the ping.
            wait.signal(signal.SIGKILL)
            wait.wait()
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0, process.err)

    def test_init_does_not_ping_without_a_watchdog(self):
        self.write_unit("app.service", DONE)
        receiver = self.receiver()
        others = {"NOTIFY_SOCKET": receiver.path, "WATCHDOG_USEC": "3", "WATCHDOG_PID": "1"}
        process = self.start_init("--unit=app.service", **others)
        receiver.wait_for_lines(b"READY=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)
        self.assertNotIn(b"WATCHDOG=1", receiver.messages)

    def test_each_stop_signal_stops_in_order(self):
        self.write_unit("app.service", IDLE + f"ExecStopPost=/bin/sh -c 'echo stopped >>{self.path('log')}'\n")
        signals = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGPWR, signal.SIGRTMIN + 3)
        for count, number in enumerate(signals, 1):
            process = self.start_init("--unit=app.service")
            self.wait_until_up(process)
            process.signal(number)
            self.assertEqual(process.wait(), 0, number)
            self.assertEqual(self.read("log"), "stopped\n" * count, number)

    def test_status_lists_the_processes_of_a_control_group(self):
        self.write_unit("app.service", "[Service]\nExecStart=/bin/sh -c 'sleep 3001 & sleep 3002'\n")
        self.wait_until_up(self.start_init("--unit=app.service"))
        _, group, _ = self.ctl("show", "--property=ControlGroup", "--value", "app.service")
        if group == "\n":
            self.skipTest("there are no control groups that can be written")
        sleeps = ("sleep 3001", "sleep 3002")
        bridge.eventually(
            "both are listed",
            lambda: all(line in self.ctl("status", "app.service")[1] for line in sleeps),
        )
        listed = re.search(
            r"^ {8}CPU: [0-9.]+[mu]?s\n {5}CGroup: (.*)((?:\n {13}[├└]─ *\d+ .*)+)$",
            self.ctl("status", "app.service")[1],
            re.M,
        )
        self.assertEqual(listed[1], group.rstrip("\n"))
        pids = [int(pid) for pid in re.findall(r"─ *(\d+)", listed[2])]
        self.assertEqual(len(pids), 3, "the shell and two that sleep")
        self.assertEqual(pids, sorted(pids))
        self.assertEqual(listed[2].count("└─"), 1)

    def test_sigabrt_of_the_watchdog_stops_init_with_a_failure(self):
        self.write_unit("app.service", IDLE + f"ExecStopPost=/bin/sh -c 'echo stopped >>{self.path('log')}'\n")
        process = self.start_init("--unit=app.service")
        self.wait_until_up(process)
        process.signal(signal.SIGABRT)
        self.assertEqual(process.wait(), 128 + signal.SIGABRT)
        self.assertEqual(self.read("log"), "stopped\n")

    def test_a_repeated_stop_signal_does_not_kill_init(self):
        self.write_unit("app.service", DONE)
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.start_init("--unit=app.service")
            self.wait_until_up(process)
            while process.is_running():
                process.signal(number)
            self.assertEqual(process.wait(), 0, number)

    def test_init_exits_with_the_status_of_ctl_exit(self):
        self.write_unit("app.service", IDLE)
        process = self.start_init("--unit=app.service")
        self.wait_until_up(process)
        self.assertEqual(self.ctl("exit", "7"), (0, "", ""))
        self.assertEqual(process.wait(), 7)

    def test_a_unit_can_end_init_with_an_exit_status(self):
        for text, wanted in (
            ("[Unit]\nFailureAction=exit\n[Service]\nExecStart=/bin/sh -c 'exit 3'\n", 3),
            ("[Unit]\nFailureAction=exit\n[Service]\nExecStart=/bin/sh -c 'kill -9 $$$$'\n", 255),
            ("[Unit]\nSuccessAction=exit\nSuccessActionExitStatus=9\n[Service]\nExecStart=/bin/true\n", 9),
        ):
            with self.subTest(text):
                self.write_unit("app.service", text)
                process = self.start_init("--unit=app.service")
                self.assertEqual(process.wait(), wanted, process.err)

    def test_the_host_is_notified_when_a_unit_ends_init(self):
        slow = "[Service]\nExecStart=/bin/sleep infinity\nExecStop=/bin/sh -c 'echo down >>%s'\n"
        for action in ("exit", "exit-force", "poweroff"):
            with self.subTest(action):
                receiver = self.receiver()
                self.write_unit("slow.service", slow % self.path("log"))
                self.write_unit(
                    "app.service",
                    f"[Unit]\nWants=slow.service\nAfter=slow.service\nSuccessAction={action}\n"
                    "[Service]\nExecStart=/bin/sleep 0.2\n",
                )
                process = self.start_init("--unit=app.service", NOTIFY_SOCKET=receiver.path)
                self.assertEqual(process.wait(), 0, process.err)
                receiver.wait_for_lines(b"READY=1", b"STOPPING=1", b"EXIT_STATUS=0")
                self.assertEqual(receiver.lines().count(b"STOPPING=1"), 1)

    def test_a_forced_end_starts_nothing_and_is_final(self):
        starts = self.path("starts")
        self.write_unit(
            "again.service",
            "[Service]\nRestart=always\nRestartSec=0\n"
            f"ExecStart=/bin/sh -c 'echo >>{starts}; exec sleep infinity'\n",
        )
        self.write_unit(
            "other.service",
            "[Unit]\nFailureAction=exit-force\nFailureActionExitStatus=5\n"
            "[Service]\nExecStart=/bin/sh -c \"trap 'exit 1' TERM; sleep infinity & wait\"\n",
        )
        self.write_unit(
            "app.service",
            "[Unit]\nWants=again.service other.service\nAfter=again.service other.service\n"
            "SuccessAction=exit-force\nSuccessActionExitStatus=4\n"
            f"[Service]\nExecStart=/bin/sh -c 'until [ -e {starts} ]; do sleep 0.01; done'\n",
        )
        receiver = self.receiver()
        process = self.start_init("--unit=app.service", NOTIFY_SOCKET=receiver.path)
        self.assertEqual(process.wait(), 4, process.err)
        self.assertEqual(os.path.getsize(starts), 1)
        self.assertEqual(receiver.lines().count(b"EXIT_STATUS=4"), 1)
        self.assertNotIn(b"EXIT_STATUS=5", receiver.lines())

    def test_a_second_init_in_the_same_root_is_refused(self):
        self.write_unit("app.service", DONE)
        first = self.start_init("--unit=app.service")
        self.wait_until_up(first)
        second = self.start_init("--unit=app.service")
        self.assertEqual(second.wait(), 1)
        self.assertIn(f"process {first.pid} is the service manager", second.err)
        self.assertEqual(self.ctl("is-active", "app")[1], "active\n")
        # Processes that the killed `init` has left do not matter.
        first.signal(signal.SIGKILL)
        first.wait()
        third = self.start_init("--unit=app.service")
        self.wait_until_up(third)
        self.assertEqual(self.ctl("is-active", "app")[1], "active\n")

    def test_a_missing_unit_cannot_be_started(self):
        process = self.start_init("--unit=nowhere.service")
        self.assertEqual(process.wait(), 1)
        self.assertIn("Unit nowhere.service not found", process.err)

    def test_the_system_is_offline_without_init(self):
        self.assertEqual(self.ctl("is-system-running"), (1, "offline\n", ""))
        self.assertEqual(self.ctl("is-system-running", "--quiet"), (1, "", ""))

    def test_a_failed_unit_makes_init_degraded_but_ready(self):
        self.write_unit("default.target", "[Unit]\nWants=bad.service\n")
        self.write_unit("bad.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
        receiver = self.receiver()
        self.start_init(NOTIFY_SOCKET=receiver.path)
        receiver.wait_for_lines(b"READY=1")
        self.assertEqual(self.ctl("is-system-running")[:2], (1, "degraded\n"))
        status, out, _ = self.ctl("--failed", "--plain", "--no-legend")
        self.assertEqual((status, out.split()[:4]), (0, ["bad.service", "loaded", "failed", "failed"]))

    def test_one_warning_names_directives_that_are_not_honoured(self):
        self.write_unit("app.service", DONE + "PrivateTmp=yes\nMemoryMax=1G\nReloadSgnal=HUP\n")
        process = self.start_init("--unit=app.service")
        self.wait_until_up(process)
        lines = [line for line in process.err.splitlines() if "warning" in line]
        self.assertEqual(len(lines), 2, process.err)
        self.assertRegex(lines[0], r"app\.service:7: .*ReloadSgnal=.*ReloadSignal=")
        self.assertRegex(lines[1], r"MemoryMax=.*without the protection of PrivateTmp=")

    def test_usual_messages_about_units_need_verbose(self):
        self.write_unit("app.service", "[Unit]\nWants=nowhere.service\n" + DONE)
        usual = ("nowhere.service not found", "ended: exited, status 0")
        for words, is_said in (([], False), (["--log-level=debug"], True)):
            with self.subTest(words):
                process = self.start_init("--unit=app.service", *words)
                self.wait_until_up(process)
                bridge.eventually("it tells of the start", lambda: "Finished app" in process.out)
                shown = self.ctl("status", "app")[1]
                for text in usual:
                    self.assertEqual(text in process.out, is_said, text)
                self.assertEqual(usual[1] in shown, is_said, shown)
                self.end_init(process)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_daemon_in_its_own_session_belongs_to_its_unit(self):
        # PostgreSQL does this: its starter waits until the server answers. Here, the starter waits
        # much longer than `init` takes to search for the daemon. If we are not root, no control
        # group shows the unit.
        pid_file = os.path.join(self.root, "pid")
        starter = os.path.join(self.root, "starter")
        with open(starter, "w", encoding="utf-8") as file:
            file.write(f"""
                env -i /usr/bin/setsid /bin/sh -c 'echo $$ > {pid_file}; exec /bin/sleep infinity' &
                until [ -s {pid_file} ]; do sleep 0.01; done
                sleep 2
            """)
        self.write_unit(
            "daemon.service",
            f"[Service]\nType=forking\nPIDFile={pid_file}\nExecStart=/bin/sh {starter}\n",
        )
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.dir, 0o755)
        subprocess.run(["chown", "-R", "nobody", self.root], check=True)
        becomes = {"options": {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}}
        process = self.start_init("--unit=daemon.service", **becomes)
        self.wait_until_up(process, **becomes)
        _, shown, _ = self.ctl("show", "--value", "--property=MainPID", "daemon", **becomes)
        with open(pid_file, encoding="ascii") as file:
            self.assertEqual(shown, file.read(), process.err)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_services_leave_descriptors_for_other_services(self):
        names = [f"s{number}.service" for number in range(100)]
        for name in names:
            self.write_unit(name, IDLE)
        self.write_unit("default.target", f"[Unit]\nWants={' '.join(names)} limit.service\n")
        self.write_unit(
            "limit.service",
            "[Service]\nType=oneshot\nRemainAfterExit=yes\n"
            f"ExecStart=/bin/sh -c 'ulimit -Sn >{self.path('limit')}; ulimit -Hn >>{self.path('limit')}'\n"
            f"ExecStart=+/bin/sh -c 'ulimit -Sn >>{self.path('limit')}'\n",
        )
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 1024))

        process = self.start_init(options={"preexec_fn": limit})
        self.wait_until_up(process)
        _, out, _ = self.ctl("is-active", *names)
        self.assertEqual(out, "active\n" * len(names))
        self.assertEqual(self.read("limit"), "64\n1024\n64\n")
        _, out, _ = self.ctl("show", "--property=LimitNOFILE,LimitNOFILESoft", "limit.service")
        self.assertEqual(out, "LimitNOFILE=1024\nLimitNOFILESoft=64\n")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_unit_without_required_rights_is_not_started(self):
        lines = {
            "user": ("DynamicUser=yes", 216),
            "directory": ("DynamicUser=yes\nStateDirectory=a", 238),
            "root": ("RootDirectory=/usr", 210),
            "image": ("RootImage=/usr/a.raw", 226),
        }
        for name, (line, _) in lines.items():
            self.write_unit(f"{name}.service", f"[Service]\n{line}\nExecStart=/bin/sleep infinity\n")
        self.write_unit(
            "default.target", "[Unit]\nWants=" + " ".join(f"{name}.service" for name in lines) + "\n"
        )
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.dir, 0o755)
        subprocess.run(["chown", "-R", "nobody", self.root], check=True)
        becomes = {"options": {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}}
        process = self.start_init(XDG_CONFIG_HOME=self.path("root"), **becomes)
        self.wait_until_up(process, **becomes)
        for name, (_, status) in lines.items():
            bridge.eventually(
                f"{name} has failed",
                lambda: self.ctl("is-failed", name, **becomes)[1] == "failed\n",
            )
            _, out, _ = self.ctl("show", "--value", "--property=ExecMainStatus", name, **becomes)
            self.assertEqual(out, f"{status}\n", process.err)
        self.assertRegex(process.err, r"image\.service: not starting the commands.*: RootImage=\.")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_another_user_has_its_own_run_directory(self):
        self.write_unit("app.service", DONE)
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.dir, 0o755)
        subprocess.run(["chown", "-R", "nobody", self.root], check=True)
        becomes = {"options": {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}}
        elsewhere = self.path("runtime")
        os.mkdir(elsewhere, 0o777)
        process = self.start_init("--unit=app.service", XDG_RUNTIME_DIR=elsewhere, **becomes)
        self.wait_until_up(process, **becomes)
        self.assertEqual(self.ctl("is-active", "app", **becomes)[1], "active\n")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)
        self.assertEqual(os.listdir(elsewhere), [])

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_users_reach_init_whatever_its_umask_is(self):
        self.write_unit("app.service", DONE + "[Install]\nWantedBy=multi-user.target\n")
        os.chmod(self.dir, 0o755)
        closed = {"options": {"umask": 0o077}}
        becomes = {"options": {"user": pwd.getpwnam("nobody").pw_uid, "extra_groups": []}}
        self.assertEqual(self.ctl("enable", "app.service", **closed)[0], 0)
        self.assertEqual(self.ctl("is-enabled", "app.service", **becomes)[1], "enabled\n")
        self.wait_until_up(self.start_init("--unit=app.service", **closed), **becomes)
        self.assertEqual(self.ctl("is-active", "app", **becomes)[1], "active\n")
        notify = os.path.join(self.root, "run", "systemd", "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            os.seteuid(pwd.getpwnam("nobody").pw_uid)
            try:
                sender.connect(notify)
            finally:
                os.seteuid(0)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_status_lists_processes_without_control_groups(self):
        sleeps = ("sleep 3003", "sleep 3004")
        self.write_unit("app.service", f"[Service]\nExecStart=/bin/sh -c '{sleeps[0]} & {sleeps[1]}'\n")
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.dir, 0o755)
        subprocess.run(["chown", "-R", "nobody", self.root], check=True)
        becomes = {"options": {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}}
        self.wait_until_up(self.start_init("--unit=app.service", **becomes), **becomes)

        def status():
            return self.ctl("status", "app.service", **becomes)[1]

        bridge.eventually("both are listed", lambda: all(line in status() for line in sleeps))
        self.assertNotIn("CGroup:", status())
        listed = re.search(r"^  Processes: (├─.*)((?:\n {13}[├└]─ *\d+ .*)+)$", status(), re.M)
        self.assertEqual(len(re.findall(r"─ *(\d+) ", listed[0])), 3, "the shell and two that sleep")
        self.assertEqual(listed[0].count("└─"), 1)
        self.ctl("stop", "app.service", **becomes)
        self.assertNotIn("Processes:", status())

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_a_user_finds_its_manager_in_its_runtime_directory(self):
        self.write_unit("app.service", DONE)
        nobody = pwd.getpwnam("nobody")
        os.chmod(self.dir, 0o755)
        becomes = {"options": {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}}
        runtime = self.path("runtime")
        os.mkdir(runtime, 0o777)
        os.chown(runtime, nobody.pw_uid, nobody.pw_gid)
        process = self.start(
            "notifybridge", "init", f"--unit-path={self.units}", "--unit=app.service",
            SHARED_DIR=None, XDG_RUNTIME_DIR=runtime, **becomes,
        )
        self.addCleanup(self.end_init, process)

        def ctl(*words):
            return self.run_to_end("notifybridge", "ctl", *words, XDG_RUNTIME_DIR=runtime, **becomes)

        bridge.eventually("init is up", lambda: ctl("is-system-running", "--wait")[1] != "offline\n")
        self.assertEqual(ctl("is-active", "app")[1], "active\n")
        self.assertEqual(ctl("show", "-P", "Id", "app")[1], "app.service\n")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_sockets_are_passed_in_the_order_of_the_sockets_setting(self):
        for name in "abc":
            path = self.path(f"{name}.sock")
            text = f"[Socket]\nListenStream={path}\nService=s.service\n"
            self.write_unit(f"{name}.socket", text)
        found = self.path("found")
        self.write_unit(
            "s.service",
            "[Service]\nType=oneshot\nSockets=c.socket b.socket\n"
            f"ExecStart=/bin/sh -c 'echo $LISTEN_FDNAMES >{found}'\n",
        )
        # The order of loading does not matter.
        self.write_unit("default.target", "[Unit]\nWants=a.socket b.socket c.socket\n")
        self.wait_until_up(self.start_init())
        self.assertEqual(self.ctl("start", "s")[0], 0)
        with open(found, encoding="ascii") as file:
            self.assertEqual(file.read(), "c.socket:b.socket:a.socket\n")

    def test_a_relative_unit_path_starts_at_the_working_directory(self):
        self.write_unit("app.service", DONE)
        elsewhere = {"options": {"cwd": os.path.dirname(self.units)}}
        for paths in ("system", "nothing:./system"):
            with self.subTest(paths):
                process = self.start_init(f"--unit-path={paths}", "--unit=app.service", **elsewhere)
                self.wait_until_up(process)
                self.assertEqual(self.ctl("is-active", "app")[1], "active\n")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 0)

    def test_ctl_finds_the_units_of_the_unit_path(self):
        named = os.path.join(self.root, "named")
        os.mkdir(named)
        with open(os.path.join(named, "app.service"), "w", encoding="utf-8") as file:
            file.write(DONE)
        self.wait_until_up(self.start_init(f"--unit-path={named}:", "--unit=app.service"))
        self.assertEqual(self.ctl("is-enabled", "app"), (0, "static\n", ""))
        self.assertIn(DONE, self.ctl("cat", "app")[1])
        self.assertRegex(self.ctl("list-unit-files", "app.*")[1], r"\napp\.service +static")

    def test_ctl_enables_units_of_the_unit_path(self):
        named = os.path.join(self.root, "named")
        os.mkdir(named)
        with open(os.path.join(named, "app.service"), "w", encoding="utf-8") as file:
            file.write(DONE + "[Install]\nWantedBy=default.target\n")
        self.wait_until_up(self.start_init(f"--unit-path={named}:", "--unit=app.service"))
        self.assertEqual(self.ctl("enable", "app")[0], 0)
        self.assertEqual(self.ctl("is-enabled", "app"), (0, "enabled\n", ""))
        self.assertEqual(self.ctl("disable", "app")[0], 0)
        self.assertEqual(self.ctl("is-enabled", "app")[1], "disabled\n")

    def test_default_directories_after_a_unit_path_use_the_root(self):
        # Default dependencies would pull in units outside of the root.
        alone = "[Unit]\nDefaultDependencies=no\n"
        self.write_unit("below.service", alone + DONE)
        named = self.path("named")
        os.mkdir(named)
        with open(os.path.join(named, "app.service"), "w", encoding="utf-8") as file:
            file.write(alone + "Wants=below.service\n" + DONE)
        process = self.start_init(f"--unit-path={named}:", "--unit=app.service")
        self.wait_until_up(process)
        self.assertEqual(self.ctl("is-active", "app", "below")[1], "active\nactive\n")
        paths = self.ctl("show", "-P", "FragmentPath", "below")[1]
        self.assertEqual(paths, os.path.join(self.units, "below.service") + "\n")

    def test_absolute_links_below_the_root_start_at_the_root(self):
        self.write_unit("app.service", DONE + "[Install]\nAlias=other.service\n")
        self.write_unit("own.target", "[Unit]\nWants=other.service far.service\n")
        far = os.path.join(self.root, "opt")
        os.mkdir(far)
        with open(os.path.join(far, "far.service"), "w", encoding="utf-8") as file:
            file.write(DONE)
        for words in (("enable", "app"), ("set-default", "own"), ("link", "/opt/far.service")):
            self.assertEqual(self.ctl(*words)[0], 0, words)
        self.wait_until_up(self.start_init())
        status, out, _ = self.ctl("is-active", "own.target", "app", "far")
        self.assertEqual((status, out), (0, "active\nactive\nactive\n"))

    def test_show_prints_whether_units_in_the_root_are_enabled(self):
        self.write_unit("app.service", DONE + "[Install]\nWantedBy=default.target\n")
        self.write_unit("off.service", DONE + "[Install]\nWantedBy=default.target\n")
        self.assertEqual(self.ctl("enable", "app")[0], 0)
        process = self.start_init("--unit=app.service")
        self.wait_until_up(process)
        for unit, wanted in (("app", "enabled"), ("off", "disabled"), ("basic.target", "static")):
            self.assertEqual(self.ctl("show", "-P", "UnitFileState", unit)[1], wanted + "\n", unit)

    def test_built_in_units_are_among_the_unit_files(self):
        self.assertEqual(self.ctl("get-default"), (0, "multi-user.target\n", ""))
        self.assertEqual(self.ctl("is-enabled", "basic.target"), (0, "static\n", ""))
        status, out, _ = self.ctl("cat", "basic.target")
        self.assertEqual(status, 0)
        self.assertTrue(out.startswith("# /built-in/basic.target\n[Unit]\n"), out)
        self.assertIn("shutdown.target", self.ctl("list-unit-files")[1])
        # A file with this name has priority.
        self.write_unit("basic.target", "[Unit]\nDescription=own\n")
        self.assertIn("Description=own\n", self.ctl("cat", "basic.target")[1])

    def test_a_missing_root_is_not_created(self):
        nowhere = f"{self.root}/nowhere"
        for verb in (["mask", "a"], ["enable", "a"], ["list-unit-files"], ["set-default", "a.target"]):
            done = self.run_to_end("notifybridge", "ctl", f"--root={nowhere}", *verb)
            self.assertEqual(done[0], 1, verb)
            self.assertIn(nowhere, done[2])
        self.assertFalse(os.path.exists(nowhere))

    def test_a_missing_unit_cannot_be_disabled(self):
        self.wait_until_up(self.start_init("--unit=basic.target"))
        said = "Failed to disable unit: Unit file nosuch.service does not exist.\n"
        self.assertEqual(self.ctl("disable", "nosuch"), (1, "", said))

    def test_status_shows_output_with_any_bytes(self):
        self.write_unit("default.target", "[Unit]\nWants=loud.service\n")
        program = self.path("loud")
        with open(program, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nprintf 'a\\377b\\n'; printf '\\033[1;31mred\\033[0m\\n'\n")
            # One character is at the limit where a line is cut.
            file.write("printf '%04095d\\303\\244\\n' 0\n")
        os.chmod(program, 0o755)
        self.write_unit("loud.service", DONE.replace("/bin/true", program))
        self.wait_until_up(self.start_init())
        for text in ("[3B blob data]", "red", 4095 * "0" + "..."):
            line = re.compile(r"loud\.service\[\d+\]: " + re.escape(text) + "\n")
            bridge.eventually(text, lambda: line.search(self.ctl("status", "loud.service")[1]))

    def test_show_prints_an_answer_longer_than_a_packet(self):
        self.write_unit("default.target", f"[Unit]\nDescription={300000 * 'd'}\n")
        self.wait_until_up(self.start_init())
        _, shown, _ = self.ctl("show", "-P", "Description", "default.target")
        self.assertEqual(len(shown), 300001)
        status, out, _ = self.ctl("list-units", "default.target")
        self.assertEqual(status, 0)
        self.assertIn("dddd", out)


bridge.main()
