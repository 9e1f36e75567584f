#!/usr/bin/python3
"""Tests `status`: what it shows about a shared directory, and its exit status."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import unittest

import adversary
import bridge
import journal

# Shell commands that make an empty /etc with a directory for docker's settings.
ETC = "mount -t tmpfs tmpfs /etc; mkdir /etc/docker"
HAS_MOUNTS = os.geteuid() == 0 and bool(shutil.which("unshare"))

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

    def test_the_options_ready_and_alive_need_a_run(self):
        for directory in (self.path("missing"), self.shared):
            for option in ("--ready", "--alive"):
                with self.subTest(directory=directory, option=option):
                    result = self.run_to_end("notifybridge", "status", option, directory)
                    self.assertEqual(result, (NOTHING, "", ""))

    def test_json_is_printed_if_there_was_no_run(self):
        status, out, err = self.run_to_end("notifybridge", "status", "--json", self.shared)
        self.assertEqual(status, NOTHING)
        self.assertEqual(json.loads(out)["shared_dir"], self.shared)
        self.assertIn("no run has used this directory", err)

    def test_an_empty_name_is_refused(self):
        status, out, err = self.run_to_end("notifybridge", "status", "")
        self.assertEqual((status, out), (2, ""))
        self.assertIn("the argument is empty; give a directory or a unit", err)

    @unittest.skipUnless(bridge.CAN_BE_NOBODY, "needs root, and uid and gid 65534")
    def test_an_inaccessible_directory_is_not_called_missing(self):
        os.makedirs(self.path("closed/shared"))
        os.chmod(self.path("closed"), 0o700)
        os.chmod(self.dir, 0o755)
        err = subprocess.run(
            [shutil.copy(bridge.EXECUTABLE, self.path("ours")), "status", self.path("closed/shared")],
            user=65534, stderr=subprocess.PIPE, text=True,
        ).stderr
        self.assertIn("Permission denied; run this as root", err)
        self.assertNotIn("-v ", err)

    def test_status_follows_the_life_of_a_run(self):
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

    def test_the_directory_comes_from_the_environment(self):
        process = self.start_wrap("notify('READY=1'); up(); stay()")
        bridge.eventually("it is ready", lambda: self.answer("--ready") == YES)
        self.assertEqual(self.run_to_end("notifybridge", "status", "--ready"), (YES, "", ""))
        self.assertTrue(process.is_running())

    def test_the_table_and_the_json_agree(self):
        receiver = self.receiver()
        code = (
            "notify('READY=1\\nSTATUS=serves \\x1b[31m\\u202e\\U000e0041 3 clients'); notify('x' * 5000);"
            "notify('MAINPID=1'); barrier(); up(); stay()"
        )
        process = self.start_app(receiver, code)
        bridge.eventually("the app is up", lambda: process.out)
        status, out, err = self.run_to_end("notifybridge", "status", self.shared)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("3 clients", out)
        self.assertIn(r"serves \x1b[31m\xe2\x80\xae\xf3\xa0\x81\x81 3", out, "it is escaped")
        self.assertIn(str(process.pid), out, "who is attached")
        status, out, err = self.run_to_end("notifybridge", "status", "--json", self.shared)
        self.assertEqual((status, err), (0, ""))
        self.assertIn("serves \x1b[31m\u202e\U000e0041 3 clients", list(json.loads(out).values()))
        self.assertTrue(out.isascii(), out)

    def test_lines_are_as_wide_as_the_variable_columns(self):
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

    def test_a_word_that_is_an_option_without_dashes_gets_advice(self):
        status, _, err = self.run_to_end("notifybridge", "status", "check", "redis")
        self.assertEqual(status, 2)
        self.assertIn('"check" is not a directory or unit; did you mean --check?', err)
        _, _, err = self.run_to_end("notifybridge", "status", "one", "check")
        self.assertIn('"check" is one argument too many', err)

    def test_user_needs_the_name_of_a_unit(self):
        status, _, err = self.run_to_end("notifybridge", "status", "--user", SHARED_DIR=None)
        self.assertEqual(status, 2)
        self.assertIn("--user needs the name of a unit", err)
        status, _, err = self.run_to_end("notifybridge", "status", "--user", "no-such-unit")
        self.assertEqual(status, 4)
        self.assertNotIn("unknown option", err)


class All(bridge.Case):
    """Tests of `status --all`, and of its output for programs."""

    def setUp(self):
        super().setUp()
        self.receivers = []
        for status in ("one", "two"):
            receiver = self.receiver()
            code = f"notify('READY=1\\nSTATUS={status} \\x1b[31m'); up(); stay()"
            self.start_app(receiver, code, SHARED_DIR=self.path(status))
            receiver.wait_until(status, lambda messages: messages)
        bridge.eventually("both are there", lambda: len(self.rows()) == 2)

    def rows(self):
        """Returns the rows of this test. The machine may have other bridges."""
        out = self.run_to_end("notifybridge", "status", "--all")[1]
        return [line for line in out.splitlines() if self.dir in line]

    def test_status_all_prints_a_line_for_each_bridge(self):
        rows = self.rows()
        for row, name in zip(rows, ("one", "two")):
            self.assertRegex(row, rf"^● \S+ +ready +\S+.* {self.path(name)} \"{name} ")
            self.assertNotIn("\x1b", row)

    def test_status_all_prints_json_and_metrics(self):
        _, out, _ = self.run_to_end("notifybridge", "status", "--all", "--json")
        shown = json.loads(out)
        self.assertEqual(shown["version"], 1)
        ours = [one for one in shown["bridges"] if one["shared_dir"].startswith(self.dir)]
        self.assertEqual([one["shared_dir"] for one in ours], [self.path("one"), self.path("two")])
        status, out, err = self.run_to_end("notifybridge", "status", "--all", "--prometheus")
        self.assertEqual((status, err), (0, ""))
        for name in ("one", "two"):
            self.assertRegex(out, rf'\nnotifybridge_ready\{{shared_dir="{self.path(name)}"[^}}]*\}} 1\n')

    @unittest.skipUnless(HAS_MOUNTS, "needs root and unshare")
    def test_status_all_prints_an_empty_list_if_there_is_no_bridge(self):
        words = ["unshare", "--pid", "--fork", "--mount-proc"]
        words += self.command("notifybridge", "status", "--all", "--json")
        result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(result.returncode, NOTHING, result.stderr)
        self.assertEqual(json.loads(result.stdout), {"version": 1, "bridges": []})

    def test_metrics_are_valid_for_the_collector(self):
        _, out, _ = self.run_to_end("notifybridge", "status", "--prometheus", self.path("one"))
        seen = set()
        for line in out.splitlines():
            if line.startswith("# "):
                _, word, name, text = line.split(" ", 3)
                self.assertIn(word, ("HELP", "TYPE"))
                if word == "TYPE":
                    self.assertNotIn(name, seen, "all samples of a metric stand together")
                    seen.add(name)
                    self.assertEqual(text == "counter", name.endswith("_total"))
            else:
                self.assertRegex(line, r'^[a-z_]+\{([a-z_]+="([^"\\]|\\.)*",?)+\} [0-9.]+$')
                self.assertEqual(line.split("{")[0], name)

    def test_metrics_report_a_missing_run(self):
        status, out, err = self.run_to_end("notifybridge", "status", "--prometheus", self.shared)
        self.assertEqual((status, err), (0, ""))
        self.assertIn(f'notifybridge_up{{shared_dir="{self.shared}"}} 0\n', out)

    def test_the_option_check_works_with_all(self):
        _, out, _ = self.run_to_end("notifybridge", "status", "--all", "--check")
        for name in ("one", "two"):
            self.assertIn(self.path(name), out)

    def test_the_option_watch_works_with_all(self):
        process = self.start("notifybridge", "status", "--all", "--watch")
        bridge.eventually("it is shown", lambda: self.path("two") in process.out)
        process.signal(signal.SIGINT)
        process.wait()

    def test_the_option_watch_follows_a_new_directory(self):
        process = self.start("notifybridge", "status", "--watch", self.path("one"))
        bridge.eventually("it is shown", lambda: '"one ' in process.out)
        os.rename(self.path("one"), self.path("old"))
        os.rename(self.path("two"), self.path("one"))
        bridge.eventually("the new one is shown", lambda: '"two ' in process.out)
        os.rename(self.path("one"), self.path("two"))
        os.rename(self.path("old"), self.path("one"))
        process.signal(signal.SIGINT)
        process.wait()

    def test_contradictory_options_are_refused(self):
        for words in (("--all", self.shared), ("--all", "--shared-dir", "x"), ("--all", "--follow")):
            result = self.run_to_end("notifybridge", "status", *words)
            self.assert_refused(result, "--all", status=2)

    def test_a_missing_directory_suggests_status_all(self):
        result = self.run_to_end("notifybridge", "status", self.path("three"))
        self.assert_refused(result, "No such file or directory", "status --all", status=4)

    def test_messages_have_their_sender(self):
        process = self.start("notifybridge", "status", "--follow", self.path("one"))
        bridge.eventually("a message is shown", lambda: "READY=1" in process.out)
        self.assertRegex(process.out, r" pid [0-9]+ \(python3[^)]*\), uid [0-9]+, passes: READY=1")


class Reader(bridge.Case):
    """Tests with a reader of `status` that ends early, like `grep -m1`."""

    def test_a_closed_reader_ends_watch_and_follow(self):
        self.start(bridge.WRAP, *bridge.app("notify('READY=1'); stay()"))
        bridge.eventually("it is ready", lambda: "STATE=ready" in self.container_status())
        for option in ("--follow", "--watch"):
            with self.subTest(option):
                reading, writing = os.pipe()
                # The end is noticed even if another process has a descriptor for writing.
                words = self.command("notifybridge", "status", option, self.shared)
                process = subprocess.Popen(words, env=self.environment(), stdout=writing)
                self.addCleanup(process.wait)
                self.addCleanup(process.kill)
                self.assertIn(b"ready", os.read(reading, 4096).lower())
                self.assertTrue(os.get_blocking(writing))
                os.close(reading)
                self.assertEqual(process.wait(bridge.PATIENCE), -signal.SIGPIPE)
                os.close(writing)


class CheckCase(bridge.Case):
    """The base of the tests of `status --check`."""

    def setUp(self):
        super().setUp()
        if HAS_MOUNTS:
            os.symlink(shutil.which("unshare"), os.path.join(self.bin, "unshare"))

    def check(self, directory=None, within="", **env):
        """Returns the exit status, and the subjects by verdict. The shell script WITHIN runs first,
        in a new mount namespace."""
        words = ["notifybridge", "status", "--check", directory or self.shared]
        if within:
            words[0] = self.command(words[0])[0]
            words = ["unshare", "--mount", "sh", "-ec", f"{within}\nexec {shlex.join(words)}"]
        status, out, err = self.run_to_end(*words, **env)
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

    def assert_found(self, verdict, subject, *words, **env):
        """Checks that `status --check` reports this finding, perhaps among others."""
        _, found, out = self.check(**env)
        self.assertIn(subject, found[verdict], out)
        for word in words:
            self.assertIn(word, out)

    def bridge(self, *command):
        """Starts a bridge without faults. Returns `wait` and the receiver."""
        receiver = self.receiver()
        words = self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        process = self.start(bridge.WAIT, *command, *words, NOTIFY_SOCKET=receiver.path)
        receiver.wait_for(b"READY=1")
        bridge.eventually("all is sent", lambda: "wait" in self.check()[1]["ok"])
        return process, receiver

    def shared_file(self, name):
        return os.path.join(self.shared, name)


class Check(CheckCase):
    """Tests of `status --check`: it finds each cause of missing messages, and nothing if there is
    none."""

    def test_check_finds_no_problem_in_a_good_bridge(self):
        self.bridge()
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (YES, set()), out)
        well = {"directory", "run", "socket", "wait", "sandbox"}
        # Instrumented builds need additional rights.
        if os.environ.get("NOTIFYBRIDGE_FIGURES") == "no":
            well.remove("sandbox")
        self.assertLessEqual(well, found["ok"], out)
        self.assertNotIn("\x1b", out)

    def test_check_notes_that_there_was_no_run(self):
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (NOTHING, {"run", "wait"}), out)
        self.assertIn("container-notify-wrapper", out)
        status, out, err = self.run_to_end("notifybridge", "status", "--check", self.path("none"))
        self.assertEqual((status, out), (NOTHING, ""))
        self.assertIn("the mount point", err)

    def test_check_finds_a_missing_wait(self):
        self.start(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        bridge.eventually("the run", lambda: "run" in self.check()[1]["ok"])
        self.assert_problem("wait", "(host-notify-waiter) on the host")

    def test_check_finds_a_killed_wait(self):
        process, _ = self.bridge()
        process.signal(signal.SIGKILL)
        process.wait()
        self.assert_problem("wait", "was killed")

    def test_check_finds_an_ended_run(self):
        self.start_app(self.receiver(), "notify('READY=1')").wait()
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (NO, {"run", "wait"}), out)
        self.assertIn("the run has ended: the command exited with status 0", out)

    def test_check_finds_a_missing_or_replaced_socket(self):
        self.bridge()
        socket_path = self.shared_file("notify.sock")
        os.unlink(socket_path)
        self.assert_problem("socket", "does not exist")
        other = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        other.bind(socket_path)
        other.close()
        self.assert_problem("socket", "no process receives")
        os.unlink(socket_path)
        os.symlink("/run/systemd/notify", socket_path)
        self.assert_problem("socket", "symbolic link")

    def test_check_finds_a_directory_writable_by_others(self):
        self.bridge()
        os.chmod(self.shared, 0o777)
        self.assertIn("directory", self.check()[1]["ok"])
        os.chmod(self.dir, 0o755)
        self.assert_problem("directory", "chmod go-w")

    @unittest.skipUnless(bridge.CAN_BE_NOBODY, "needs root, and uid and gid 65534")
    def test_check_allows_a_live_run_of_another_user(self):
        self.bridge()
        os.chmod(self.dir, 0o755)
        os.chmod(self.shared, 0o755)
        ours = shutil.copy(bridge.EXECUTABLE, self.path("ours"))
        out = subprocess.run(
            [ours, "status", "--check", self.shared],
            user=65534, group=65534, env=self.environment(), stdout=subprocess.PIPE, text=True,
        ).stdout
        self.assertRegex(out, "note +directory +uid 0 owns it.*Permission denied")
        self.assertNotRegex(out, "problem +directory")

    def test_check_notes_a_wait_without_a_service_manager(self):
        process = self.start(
            bridge.WAIT,
            *self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()")),
            NOTIFY_SOCKET=None,
        )
        bridge.eventually("it is up", lambda: process.out)
        bridge.eventually("all is sent", lambda: "wait" in self.check()[1]["ok"])
        self.assert_problem("systemd", "Type=notify")

    def test_check_finds_a_leaked_socket_of_systemd(self):
        script = 'NOTIFY_SOCKET=$LEAK sleep 60 & exec "$@"'
        receiver = self.receiver()
        words = self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        self.start(
            bridge.WAIT, "sh", "-c", script, "sh", *words,
            NOTIFY_SOCKET=receiver.path, LEAK=receiver.path,
        )
        receiver.wait_for(b"READY=1")
        bridge.eventually("all is sent", lambda: "wait" in self.check()[1]["ok"])
        self.assert_problem("systemd", "a descendant of wait, has the NOTIFY_SOCKET")

    def test_the_helper_that_kills_containers_is_not_a_leak(self):
        manager = os.path.join(self.bin, "podman")
        with open(manager, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\nshift 2\nexec "$@"\n')
        os.chmod(manager, 0o755)
        receiver = self.receiver()
        words = self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        process = self.start(
            bridge.WAIT, manager, "run", "--name=app", *words, NOTIFY_SOCKET=receiver.path
        )
        receiver.wait_for(b"READY=1")
        titles = []
        for pid in adversary.children(process.pid):
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
                titles.append(file.read())
        self.assertTrue(
            any(title.startswith("notifybridge: waits to ask podman to kill") for title in titles), titles
        )
        bridge.eventually("all is sent", lambda: "wait" in self.check()[1]["ok"])
        self.assertNotIn("a descendant of wait, has the NOTIFY_SOCKET", self.check()[2])

    def test_check_finds_an_app_with_another_socket(self):
        self.bridge()
        self.assert_problem("variable", "\"@elsewhere\" here", NOTIFY_SOCKET="@elsewhere")
        ours = self.shared_file("notify.sock")
        os.symlink(self.shared, self.path("link"))
        for same in (ours, self.shared + "//notify.sock", self.path("link/notify.sock")):
            with self.subTest(same):
                status, _, out = self.check(NOTIFY_SOCKET=same)
                self.assertEqual(status, YES, out)

    def test_check_finds_a_replaced_host_file(self):
        self.bridge()
        os.unlink(self.shared_file("host"))
        os.mkfifo(self.shared_file("host"))
        status, found, out = self.check()
        self.assertEqual((status, found["problem"]), (NO, {"host"}), out)

    def test_check_notes_kept_rights_and_refused_lines(self):
        receiver = self.receiver()
        code = "notify('READY=1\\nMAINPID=1'); up(); stay()"
        words = self.command(bridge.WRAP, *bridge.app(code))
        self.start(bridge.WAIT, "--no-sandbox", *words, NOTIFY_SOCKET=receiver.path)
        receiver.wait_for(b"READY=1")
        bridge.eventually("both", lambda: {"sandbox", "dropped"} <= self.check()[1]["note"])
        self.assertEqual(self.check()[0], YES)

    def test_a_refused_line_shows_after_its_barrier(self):
        receiver = self.receiver()
        code = "notify('READY=1'); barrier(); notify('FOO=1'); barrier(); up(); stay()"
        process = self.start_app(receiver, code)
        bridge.eventually("the barrier is back", lambda: process.out)
        self.assertIn("dropped", self.check()[1]["note"])

    def test_check_notes_a_run_without_a_reader(self):
        process = self.start(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        bridge.eventually("the run", lambda: "run" in self.check()[1]["ok"])
        self.assert_found("note", "leftover", f"`kill {process.pid}`")

    def test_a_host_file_that_was_changed_is_no_reason_to_kill_wrap(self):
        waiter, _ = self.bridge()
        forged = journal.host([(b"PID", b"0"), (b"LIVENESS", b"lock")])
        for content, found in ((b"nonsense", "host"), (forged, f"pid {waiter.pid} uses this")):
            os.unlink(self.shared_file("host"))
            with open(self.shared_file("host"), "wb") as file:
                file.write(content)
            status, _, out = self.check()
            self.assertEqual(status, NO)
            self.assertIn(found, out)
            self.assertNotIn("kill", out)

    @unittest.skipUnless(HAS_MOUNTS, "it takes root and unshare")
    def test_check_notes_a_wrap_of_another_version(self):
        self.bridge()
        self.assertNotIn("version", self.check()[1]["note"])
        self.renew_shared_directory()
        with open(bridge.EXECUTABLE, "rb") as file:
            content = file.read()
        other, count = re.subn(rb"(?<=notifybridge version )[0-9](?=[0-9.]+\n)", b"9", content)
        self.assertEqual(count, 1)
        with open(self.path("notifybridge"), "wb") as file:
            file.write(other)
        os.chmod(file.name, 0o755)
        # A process of another executable, outside of a container, does not count as a `wrap`.
        words = ["unshare", "--pid", "--fork", "--kill-child"]
        words += [file.name, "wrap", *bridge.app("notify('READY=1'); up(); stay()")]
        receiver = self.receiver()
        self.start(bridge.WAIT, *words, NOTIFY_SOCKET=receiver.path)
        receiver.wait_for(b"READY=1")
        self.assert_found("note", "version", "version 9.", "/opt/container-notify-wrapper:ro")
        # A package's upgrade replaces the file, but the container continues with the old one.
        os.unlink(file.name)
        self.assert_found("note", "version", "started before an upgrade", "the next start")

    def test_check_finds_a_member_that_never_started(self):
        wait = self.start(bridge.WAIT, "--member=db", "--member=web")
        bridge.eventually("wait is there", lambda: os.path.exists(self.shared_file("web/host")))
        words = self.command(bridge.WRAP, *bridge.app("notify('READY=1'); up(); stay()"))
        self.start(os.path.basename(words[0]), *words[1:], SHARED_DIR=self.shared_file("db"))
        self.assert_member("web is missing", "SHARED_DIR: ${SHARED_DIR}/web")
        # `wait` must be stopped, because it would end when it notices the missing directory.
        wait.signal(signal.SIGSTOP)
        self.addCleanup(wait.signal, signal.SIGCONT)
        shutil.rmtree(self.shared_file("web"))
        self.assert_member("web: its directory is gone")

    def assert_member(self, *wanted):
        _, out, _ = self.run_to_end("notifybridge", "status", "--check", self.shared)
        for words in ("problem  member", *wanted):
            self.assertIn(words, out)


class CheckStart(CheckCase):
    """Tests of `status --check` with faults of the command that starts a container. A script takes
    the place of the manager."""

    def manager(self, name, body="exec sleep 1000"):
        with open(os.path.join(self.bin, name), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{body}\n")
        os.chmod(file.name, 0o755)

    def start_wait(self, *words, **env):
        self.start(bridge.WAIT, *words, NOTIFY_SOCKET=self.receiver().path, **env)
        bridge.eventually("wait is there", lambda: os.path.exists(self.shared_file("host")))

    def path_without_runtimes(self):
        place = self.path("few")
        os.mkdir(place)
        for name in ("sh", "sleep"):
            os.symlink(shutil.which(name), os.path.join(place, name))
        return f"{self.bin}:{place}"

    def test_check_finds_a_missing_runtime(self):
        self.manager("podman")
        self.start_wait(*self.command("podman"), "--runtime=/no/such/crun", "run", "image")
        self.assert_found("problem", "runtime", "/no/such/crun", "`ln -s /usr/bin/notifybridge")

    def test_check_finds_a_missing_real_runtime(self):
        self.manager("podman")
        os.symlink(bridge.EXECUTABLE, self.path("crun"))
        self.start_wait(
            *self.command("podman"), f"--runtime={self.path('crun')}", "run", "image",
            PATH=self.path_without_runtimes(),
        )
        self.assert_found(
            "problem", "runtime", "no OCI runtime is in PATH", "`apt install crun`",
            CONTAINERS_CONF=self.podman_without_runtimes(),
        )

    def test_check_finds_an_executable_for_another_machine(self):
        os.mkdir(self.path("a b"))
        path = self.path("a b/notifybridge")
        header = b"\x7fELF\x02\x01" + bytes(12) + (21).to_bytes(2, "little")
        with open(path, "wb") as file:
            file.write(header + bytes(44))
        self.manager("podman")
        mount = f"-v{path}:/opt/container-notify-wrapper:ro"
        self.start_wait(*self.command("podman"), "run", mount, "image")
        self.assert_found("problem", "executable", "is for ppc64, but this machine is")
        # docker creates such a directory.
        os.unlink(path)
        os.mkdir(path)
        self.assert_found("problem", "executable", "is a directory", f"`rmdir '{path}'`")
        # `run` creates such a directory below /run.
        os.mkdir(os.path.join(path, "app.service"))
        self.assertNotIn("executable", self.check()[1]["problem"])
        shutil.rmtree(path)
        shutil.copy(bridge.EXECUTABLE, path)
        self.assertNotIn("executable", self.check()[1]["problem"])

    def test_check_finds_a_docker_without_the_runtime(self):
        if not HAS_MOUNTS:
            self.skipTest("it takes root and unshare")
        answers = '[ "$1" = info ] && : >"$0.asked" && exec cat "$0.runs"'
        self.manager("docker", f"{answers}\nexec sleep 1000")
        self.docker_knows("runc")
        self.start_wait(*self.command("docker"), "run", "--runtime=notifybridge", "image")
        # `status` must not execute a program that another user's `wait` has started.
        self.check(within=ETC)
        self.assertFalse(os.path.exists(os.path.join(self.bin, "docker.asked")))
        own = f"{ETC}\nPATH={shlex.quote(self.bin)}:$PATH"
        configure = "`notifybridge runtime --configure=docker && systemctl reload docker`"
        self.assert_found("problem", "docker", "does not have the runtime", configure, within=own)
        settings = '{"runtimes": {"notifybridge": {"path": "/bin/sh"}}}'
        is_set = f"{own}\necho {shlex.quote(settings)} >/etc/docker/daemon.json"
        self.assert_found("problem", "docker", "has not read", "reload docker`", within=is_set)
        self.docker_knows("runc", "notifybridge")
        self.assert_found("ok", "docker", within=is_set)
        is_gone = is_set.replace("/bin/sh", "/no/such")
        self.assert_found("problem", "docker", "/no/such", configure, within=is_gone)
        for answer in ([], [""]):  # docker prints an empty line if dockerd does not run.
            self.docker_knows(*answer)
            self.assert_found("note", "docker", "does not answer", within=is_set)

    def docker_knows(self, *names):
        with open(os.path.join(self.bin, "docker.runs"), "w", encoding="utf-8") as file:
            file.writelines(name + "\n" for name in names)


@unittest.skipUnless(HAS_MOUNTS, "it takes root and unshare")
class CheckMounts(CheckCase):
    """Tests of `status --check` with faults of the mount of the directory in a container."""

    def setUp(self):
        super().setUp()
        self.inner = self.path("inner")
        os.mkdir(self.inner)

    def start_container(self, mount, **env):
        """Starts a container without `wrap`, and a `wait` that would follow it."""
        self.start(bridge.WAIT, NOTIFY_SOCKET=self.receiver().path)
        bridge.eventually("wait is there", lambda: os.path.exists(self.shared_file("host")))
        script = f"{mount}\necho up\nexec sleep 1000"
        process = self.start(
            "unshare", "--mount", "--pid", "--fork", "sh", "-ec", script, **env
        )
        bridge.eventually("the container is up", lambda: process.out)

    def test_check_notes_a_directory_that_is_not_mounted(self):
        self.start_container("", SHARED_DIR=None)
        self.assert_found("note", "mount", "no container that this user can see", "-e SHARED_DIR=/shared")

    def test_check_finds_a_read_only_mount(self):
        self.start_container(
            f"mount --bind {self.shared} {self.inner}; mount -o remount,bind,ro {self.inner}",
            SHARED_DIR=self.inner,
        )
        self.assert_found("problem", "mount", f"{self.inner}, read-only", "remove `ro` from")

    def test_check_finds_a_mount_at_another_path(self):
        self.start_container(f"mount --bind {self.shared} {self.inner}", SHARED_DIR="/elsewhere")
        self.assert_found("problem", "mount", 'SHARED_DIR is "/elsewhere"', f"`-e SHARED_DIR={self.inner}`")

    def test_check_finds_a_container_without_wrap(self):
        self.start_container(f"mount --bind {self.shared} {self.inner}", SHARED_DIR=self.inner)
        self.assert_found("problem", "mount", "does not start wrap", "--entrypoint")

    def test_check_finds_a_read_only_directory_on_the_host(self):
        self.bridge()
        ro = f"mount --bind {self.shared} {self.shared}; mount -o remount,bind,ro {self.shared}"
        self.assert_problem("directory", "Read-only file system", within=ro)

    def test_check_finds_a_denial_of_selinux(self):
        before = int(time.time()) - 2
        self.bridge()
        line = 'avc:  denied  { write } for  pid=1 comm="container-notif" name="shared"'
        # The last denial is of an earlier boot.
        for seconds, verdict in ((4102444800, "problem"), (before, "note"), (1000, None)):
            log = shlex.quote(f"type=AVC msg=audit({seconds}.1:2): {line}")
            within = (
                "mount -t tmpfs tmpfs /var/log; mkdir /var/log/audit\n"
                f"echo {log} >/var/log/audit/audit.log"
            )
            if verdict:
                self.assert_found(verdict, "denied", "denied  { write }", ":Z", within=within)
            else:
                self.assertNotIn("denied", self.check(within=within)[2])


bridge.main()
