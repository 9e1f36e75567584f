#!/usr/bin/python3
"""`status`: what it shows of a shared directory, and what it answers by its exit status."""

import json
import os
import signal
import socket

import bridge

NOTHING = 4
NO = 3
YES = 0


class Status(bridge.Case):
    def answer(self, option):
        status, out, err = self.run_to_end("notifybridge", "status", option, self.shared)
        self.assertEqual((out, err), ("", ""))
        return status

    def start_wrap(self, code):
        process = self.start(bridge.WRAP, *bridge.app(code))
        bridge.eventually("the app is up", lambda: process.out)
        return process

    def test_no_directory_and_never_a_run(self):
        for directory in (self.path("missing"), self.shared):
            for option in ("--ready", "--alive"):
                with self.subTest(directory=directory, option=option):
                    result = self.run_to_end("notifybridge", "status", option, directory)
                    self.assertEqual(result, (NOTHING, "", ""))

    def test_alive_and_then_ready_and_then_ended(self):
        process = self.start_wrap(
            "signal.signal(signal.SIGUSR1, lambda *_: notify('READY=1')); up()\n"
            "stay()"
        )
        self.assertEqual((self.answer("--alive"), self.answer("--ready")), (YES, NO))
        process.signal(signal.SIGUSR1)
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        self.assertEqual(self.answer("--alive"), YES)
        process.signal(signal.SIGTERM)
        process.wait()
        self.assertEqual((self.answer("--alive"), self.answer("--ready")), (NO, NO))

    def test_a_wrap_that_was_killed_is_not_alive(self):
        process = self.start_wrap("notify('READY=1'); up(); stay()")
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        process.signal(signal.SIGKILL)
        process.wait()
        self.assertEqual((self.answer("--alive"), self.answer("--ready")), (NO, NO))

    def test_the_directory_is_that_of_the_environment(self):
        process = self.start_wrap("notify('READY=1'); up(); stay()")
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        self.assertEqual(self.run_to_end("notifybridge", "status", "--ready"), (YES, "", ""))
        self.assertTrue(process.is_running())

    def test_the_table_and_the_json_say_the_same(self):
        receiver = self.receiver()
        code = (
            "notify('READY=1\\nSTATUS=serves \\x1b[31m 3 clients'); notify('x' * 5000);"
            "notify('MAINPID=1'); barrier(); up(); stay()"
        )
        process = self.start_app(receiver, code)
        bridge.eventually("the app is up", lambda: process.out)
        status, out, err = self.run_to_end("notifybridge", "status", self.shared)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("3 clients", out)
        self.assertNotIn("\x1b[31m", out, "what others wrote is escaped")
        self.assertIn(str(process.pid), out, "who is attached")
        status, out, err = self.run_to_end("notifybridge", "status", "--json", self.shared)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("serves \x1b[31m 3 clients", list(json.loads(out).values()))

    def test_lines_are_as_wide_as_columns_says(self):
        process = self.start_wrap(f"notify('READY=1\\nSTATUS={'word ' * 30}'); up(); stay()")
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        for options in ((), ("--check",)):
            with self.subTest(options):
                lines, narrow_lines = (
                    self.run_to_end("notifybridge", "status", *options, COLUMNS=columns)[1]
                    for columns in (None, "60")
                )
                self.assertGreater(max(map(len, lines.splitlines())), 60)
                for line in narrow_lines.splitlines():
                    self.assertTrue(len(line) <= 60 or len(line.split()) == 1, line)
                self.assertEqual(narrow_lines.count("word"), lines.count("word"))
        self.assertTrue(process.is_running())

    def test_container_status_is_for_people_and_scripts(self):
        self.start_wrap(
            "notify('READY=1\\nSTATUS=serves 3 clients'); up(); stay()"
        )
        bridge.eventually(
            "both lines are there",
            lambda: {"READY=1", "STATUS=serves 3 clients"} <= set(self.container_status()),
        )
        for line in self.container_status():
            self.assertRegex(line, r"^[A-Z_]+=")
        mode = os.stat(os.path.join(self.shared, "container-status")).st_mode & 0o777
        self.assertEqual(mode & 0o444, 0o444, oct(mode))


class Check(bridge.Case):
    """`status --check`: each cause of a silence is found, and nothing where there is none."""

    def check(self, **env):
        """The exit status, and what was found: subjects by verdict."""
        status, out, err = self.run_to_end("notifybridge", "status", "--check", self.shared, **env)
        self.assertEqual(err, "")
        found = {"ok": set(), "note": set(), "problem": set()}
        for line in out.splitlines():
            if not line.startswith(" "):
                verdict, subject = line.split()[:2]
                found[verdict].add(subject)
        return status, found, out

    def assert_problem(self, subject, words, **env):
        status, found, out = self.check(**env)
        self.assertEqual((status, found["problem"]), (NO, {subject}), out)
        self.assertIn(words, out)

    def bridge(self, *command):
        """A bridge in which nothing is wrong, as far as this machine can tell."""
        receiver = self.receiver()
        words = self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        process = self.start(bridge.WAIT, *command, *words, NOTIFY_SOCKET=receiver.path)
        receiver.wait_for(b"READY=1")
        bridge.eventually("all is sent", lambda: "wait" in self.check()[1]["ok"])
        return process, receiver

    def shared_file(self, name):
        return os.path.join(self.shared, name)

    def test_where_nothing_is_wrong_all_is_well(self):
        self.bridge()
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (YES, set()), out)
        well = {"directory", "run", "socket", "wait", "sandbox"}
        if os.environ.get("NOTIFYBRIDGE_FIGURES") == "no":  # Instruments need rights of their own.
            well.remove("sandbox")
        self.assertLessEqual(well, found["ok"], out)
        self.assertNotIn("\x1b", out)

    def test_never_a_run(self):
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (NOTHING, {"run", "wait"}), out)
        self.assertIn("container-notify-wrapper", out)
        status, out, err = self.run_to_end("notifybridge", "status", "--check", self.path("none"))
        self.assertEqual((status, out), (NOTHING, ""))
        self.assertIn("mounted", err)

    def test_no_wait(self):
        self.start(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        bridge.eventually("the run", lambda: "run" in self.check()[1]["ok"])
        self.assert_problem("wait", "start host-notify-waiter on the host")

    def test_a_wait_that_was_killed(self):
        process, _ = self.bridge()
        process.signal(signal.SIGKILL)
        process.wait()
        self.assert_problem("wait", "it was killed")

    def test_a_run_that_is_over(self):
        self.start_app(self.receiver(), "notify('READY=1')").wait()
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (NO, {"run", "wait"}), out)
        self.assertIn("it is over: the command exited with status 0", out)

    def test_a_socket_that_is_gone_or_is_not_ours(self):
        self.bridge()
        socket_path = self.shared_file("notify.sock")
        os.unlink(socket_path)
        self.assert_problem("socket", "is not there")
        other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        other.bind(socket_path)
        other.close()
        self.assert_problem("socket", "nobody receives")
        os.unlink(socket_path)
        os.symlink("/run/systemd/notify", socket_path)
        self.assert_problem("socket", "symbolic link")

    def test_a_directory_that_others_may_write_to(self):
        self.bridge()
        os.chmod(self.shared, 0o777)
        self.assertIn("directory", self.check()[1]["ok"])
        os.chmod(self.dir, 0o755)
        self.assert_problem("directory", "chmod go-w")

    def test_a_wait_that_has_nobody_to_tell(self):
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()")),
            NOTIFY_SOCKET=None,
        )
        bridge.eventually("it is up", lambda: process.out)
        bridge.eventually("all is sent", lambda: "wait" in self.check()[1]["ok"])
        self.assert_problem("systemd", "Type=notify")

    def test_a_socket_of_systemds_that_leaked_to_the_runtime(self):
        script = 'NOTIFY_SOCKET=$LEAK sleep 60 & exec "$@"'
        receiver = self.receiver()
        words = self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        self.start(
            bridge.WAIT, "sh", "-c", script, "sh", *words,
            NOTIFY_SOCKET=receiver.path, LEAK=receiver.path,
        )
        receiver.wait_for(b"READY=1")
        bridge.eventually("all is sent", lambda: "wait" in self.check()[1]["ok"])
        self.assert_problem("systemd", "below wait has its NOTIFY_SOCKET")

    def test_another_socket_than_ours(self):
        self.bridge()
        self.assert_problem("variable", "\"@elsewhere\" here", NOTIFY_SOCKET="@elsewhere")
        ours = self.shared_file("notify.sock")
        self.assertEqual(self.check(NOTIFY_SOCKET=ours)[0], YES)

    def test_a_host_file_that_is_not_ours(self):
        self.bridge()
        os.unlink(self.shared_file("host"))
        os.mkfifo(self.shared_file("host"))
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (NO, {"host", "wait"}), out)

    def test_rights_that_were_kept_and_lines_that_were_refused(self):
        receiver = self.receiver()
        code = "notify('READY=1\\nMAINPID=1'); up(); stay()"
        words = self.command(bridge.WRAP, *bridge.app(code))
        self.start(bridge.WAIT, "--no-sandbox", *words, NOTIFY_SOCKET=receiver.path)
        receiver.wait_for(b"READY=1")
        bridge.eventually("both", lambda: {"sandbox", "dropped"} <= self.check()[1]["note"])
        self.assertEqual(self.check()[0], YES)

    def test_what_was_refused_is_told_of_as_soon_as_the_barrier_is_back(self):
        receiver = self.receiver()
        code = "notify('READY=1'); barrier(); notify('FOO=1'); barrier(); up(); stay()"
        process = self.start_app(receiver, code)
        bridge.eventually("the barrier is back", lambda: process.out)
        self.assertIn("dropped", self.check()[1]["note"])


bridge.main()
