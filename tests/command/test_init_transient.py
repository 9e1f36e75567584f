#!/usr/bin/python3
"""Tests systemd-run, as which the executable runs if it has this name: notifybridge-ctl(1), CALLED
AS SYSTEMD-RUN."""

import os
import pty
import re
import signal
import socket
import subprocess

import bridge
import managed


class Transient(managed.Case):
    def setUp(self):
        super().setUp()
        os.symlink("notifybridge", os.path.join(self.bin, "systemd-run"))
        self.transient = os.path.join(self.root, "run", "systemd", "transient")
        self.process = None

    def boot(self):
        self.process = self.start_init()
        self.wait_until_up(self.process)

    def run_unit(self, *words, **more):
        return self.run_to_end("systemd-run", f"--root={self.root}", *words, SHARED_DIR=None, **more)

    def files(self):
        return os.listdir(self.transient) if os.path.exists(self.transient) else []

    def test_a_command_runs_as_a_service(self):
        self.boot()
        status, out, err = self.run_unit("-u", "job", "-p", "Environment=A=%n", "sh", "-c", "sleep inf")
        self.assertEqual((status, out), (0, ""), err)
        self.assertRegex(err, r"\ARunning as unit: job.service; invocation ID: [0-9a-f]{32}\n\Z")
        _, out, _ = self.ctl("show", "-p", "ActiveState,UnitFileState,Environment,Description", "job")
        self.assertEqual(
            sorted(out.splitlines()),
            ["ActiveState=active", "Description=[systemd-run] sh -c sleep inf", "Environment=A=%n",
             "UnitFileState=transient"],
        )
        status, _, err = self.run_unit("--unit=job", "true")
        self.assertEqual(status, 1)
        self.assertIn("job.service: Unit was already loaded or has a fragment file.", err)
        self.assertEqual(self.ctl("stop", "job")[0], 0)
        # The unit no longer exists, so that the same name can be used again.
        bridge.eventually("the file is removed", lambda: not self.files())
        self.assertEqual(self.run_unit("--unit=job", "--wait", "--quiet", "true"), (0, "", ""))

    def test_wait_answers_with_the_end_of_the_service(self):
        self.boot()
        status, _, err = self.run_unit("--wait", "--collect", "sh", "-c", "exit 7")
        self.assertEqual(status, 7)
        self.assertRegex(err, r"\ARunning as unit: run-r[0-9a-f]{32}.service")
        self.assertRegex(err, r"Finished with result: exit-code\n")
        self.assertRegex(err, r"terminated with: code=exited, status=7/FAILURE\n")
        self.assertRegex(err, r"Service runtime: [\d.]+m?s\n")
        status, _, err = self.run_unit("--wait", "-G", "sh", "-c", "kill -KILL $$$$")
        self.assertEqual(status, 255)
        self.assertIn("code=killed, status=9/KILL", err)
        status, _, err = self.run_unit("--wait", "-p", "SuccessExitStatus=7", "sh", "-c", "exit 7")
        self.assertEqual(status, 0, err)
        bridge.eventually("no file is left", lambda: not self.files())
        # Without --collect, a failed unit stays until `reset-failed`.
        self.assertEqual(self.run_unit("--wait", "-u", "bad", "false")[0], 1)
        self.assertEqual(self.ctl("is-failed", "bad")[1], "failed\n")
        self.assertEqual(self.files(), ["bad.service"])
        self.assertEqual(self.ctl("reset-failed")[0], 0)
        bridge.eventually("the file is removed", lambda: not self.files())

    def test_words_of_the_command_arrive_unchanged(self):
        self.boot()
        words = ["a b", "", ";", "%n", "\\x41\"'", "*", "ü", "a\nb", "-x", "end\\"]
        status, out, err = self.run_unit("--pipe", "-q", "printf", "<%s>", *words)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out, "".join(f"<{word}>" for word in words))
        for option, end in ((), "x"), (("--expand-environment=no",), "$WORD"):
            out = self.run_unit(*option, "-Pq", "-E", "WORD=x", "echo", "$WORD")[1]
            self.assertEqual(out, end + "\n")

    def test_pipe_connects_the_service_to_our_streams(self):
        self.boot()
        with open(self.path("in"), "w+", encoding="utf-8") as file:
            file.write("one\ntwo\n")
            file.seek(0)
            status, out, err = self.run_unit(
                "--pipe", "sh", "-c", "cat; echo error >&2; exit 3", stdin=file
            )
        self.assertEqual((status, out), (3, "one\ntwo\n"))
        self.assertRegex(err, r"(?m)^error$")

    def test_pipe_keeps_the_offset_of_a_file_and_works_with_sockets(self):
        self.boot()
        run = f"systemd-run --root={self.root} --pipe -q"
        with open(self.path("in"), "w+", encoding="utf-8") as given:
            given.write("one\ntwo\n")
            given.seek(0)
            shell = subprocess.run(
                f"exec >{self.path('out')}; read -r x; echo a-$x; {run} cat; echo b; {run} echo c",
                shell=True,
                stdin=given,
                stderr=subprocess.PIPE,
                timeout=bridge.PATIENCE,
                env=self.environment(PATH=f"{self.bin}:{os.environ['PATH']}", SHARED_DIR=None),
                check=False,
            )
        self.assertEqual((shell.returncode, shell.stderr), (0, b""))
        # The shell has read the first line only.
        self.assertEqual(self.read("out"), "a-one\ntwo\nb\nc\n")
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(b"hello")
            ours.shutdown(socket.SHUT_WR)
            command = self.command("systemd-run", f"--root={self.root}", "-Pq", "cat")
            subprocess.run(
                command,
                stdin=theirs,
                stdout=theirs,
                timeout=bridge.PATIENCE,
                env=self.environment(SHARED_DIR=None),
                check=True,
            )
            theirs.close()
            self.assertEqual(ours.recv(100), b"hello")

    def test_options_set_directives(self):
        self.boot()
        os.makedirs(self.path("dir"))
        status, out, err = self.run_unit(
            "-Pq", "--nice=5", f"--working-directory={self.path('dir')}", "--setenv=A=b c",
            "--setenv=HERE", "--service-type=exec", "--slice=x", "--description=Text",
            "sh", "-c", "pwd; nice; echo $A-$HERE", HERE="here",
        )
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out, f"{self.path('dir')}\n5\nb c-here\n")

    def test_a_timer_starts_the_service_later(self):
        self.boot()
        status, _, err = self.run_unit(
            "--on-active=1ms", "--timer-property=AccuracySec=1us", "-u", "soon",
            "touch", self.path("done"),
        )
        self.assertEqual(status, 0, err)
        self.assertEqual(
            err, "Running timer as unit: soon.timer\nWill run service as unit: soon.service\n"
        )
        bridge.eventually("it has run", lambda: os.path.exists(self.path("done")))
        bridge.eventually("the files are removed", lambda: not self.files())
        status, _, err = self.run_unit("--on-calendar=2190-01-01", "-u", "late", "true")
        self.assertEqual(status, 0, err)
        self.assertIn("late.timer", self.ctl("list-timers")[1])
        self.assertEqual(self.ctl("stop", "late.timer")[0], 0)
        bridge.eventually("the files are removed", lambda: not self.files())

    def test_a_service_gets_a_terminal(self):
        self.boot()
        command = self.command(
            "systemd-run", f"--root={self.root}", "--pty", "-q", "sh", "-c",
            'test -t 0 && test -t 1 && stty size && read -r line && echo "got $line"; exit 4',
        )
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(command[0], command, self.environment(TERM="xterm"))
        shown = b""
        has_written = False
        while True:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break
            if re.search(rb"\d+ \d+", shown) and not has_written:
                os.write(terminal, b"hello\r")
                has_written = True
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 4, shown)
        self.assertIn(b"got hello\r\n", shown)

    def test_a_run_that_cannot_work_names_the_reason(self):
        status, _, err = self.run_unit("true")
        self.assertEqual(status, 1)
        self.assertIn("is `notifybridge init` running?", err)
        self.boot()
        for words, reason in (
            ((), "Command line to execute required."),
            (("--scope", "true"), "--scope is not supported: `init` has no scopes; leave out"),
            (("--user", "true"), "--user is not supported"),
            (("-p", "Nonsense=1", "true"), "Unknown assignment: Nonsense=1"),
            (("-p", "Nice", "true"), "Not an assignment: Nice"),
            (("-p", "Environment=A=b\nExecStop=/bin/x", "true"), "must not contain a line break"),
            (("no-such-program",), "Failed to find executable no-such-program"),
            (("--on-active=1", "--wait", "true"), "cannot be used with a timer"),
            (("--timer-property=Persistent=yes", "true"), "needs one of the options --on-"),
            (("--wait", "--no-block", "true"), "--wait may not be combined with --no-block."),
        ):
            with self.subTest(words):
                status, out, err = self.run_unit(*words)
                self.assertEqual((status, out), (1, ""))
                self.assertIn(reason, err)
        self.assertEqual(self.files(), [])
        # The unit's own fault is known only to the manager.
        status, _, err = self.run_unit("-u", "bad", "-p", "Type=nonsense", "-p", "User=", "true")
        self.assertEqual(status, 0, err)
        status, out, _ = self.run_to_end("systemd-run", "--help")
        self.assertEqual(status, 0)
        self.assertIn("--on-calendar", out)

    def test_old_transient_units_are_removed_at_the_boot(self):
        os.makedirs(self.transient)
        with open(os.path.join(self.transient, "old.service"), "w", encoding="utf-8") as file:
            file.write(managed.IDLE)
        self.boot()
        self.assertEqual(self.files(), [])
        self.process.signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(), 0)


bridge.main()
