#!/usr/bin/python3
"""`send` works like systemd-notify: the messages, texts and exit statuses of its options are the
same."""

import os
import pwd
import re
import shutil
import signal
import socket
import struct
import subprocess
import unittest

import bridge

THEIRS = shutil.which("systemd-notify")


class Send(bridge.Case):
    """Tests of `send`, most of them by the name systemd-notify."""

    def setUp(self):
        super().setUp()
        self.manager = self.receiver()

    def send(self, *arguments, **more):
        more.setdefault("NOTIFY_SOCKET", self.manager.path)
        return self.run_to_end(bridge.SEND, *arguments, **more)

    def assert_sent(self, arguments, *lines):
        before = len(self.manager.messages)
        status, out, err = self.send(*arguments)
        self.assertEqual((status, out, err), (0, "", ""), arguments)
        self.manager.wait_until("the message", lambda messages: len(messages) > before)
        self.assertEqual(self.manager.messages[before].decode().split("\n"), list(lines))

    def test_each_option_sends_its_message(self):
        for arguments, lines in (
            (["--ready"], ["READY=1"]),
            (["--stopping"], ["STOPPING=1"]),
            (["--status=it is up"], ["STATUS=it is up"]),
            (["--status", "it is up"], ["STATUS=it is up"]),
            (["--status="], ["STATUS="]),
            (["--ready", "--status=up"], ["READY=1", "STATUS=up"]),
            (["X_A=1", "X_B=2"], ["X_A=1", "X_B=2"]),
            (["--no-block", "--ready"], ["READY=1"]),
            (["--", "READY=1"], ["READY=1"]),
            (["WATCHDOG=1"], ["WATCHDOG=1"]),
        ):
            with self.subTest(arguments):
                self.assert_sent(arguments, *lines)

    def test_notifybridge_send_works_like_systemd_notify(self):
        result = self.run_to_end(
            "notifybridge", "send", "READY=1", "STATUS=up", NOTIFY_SOCKET=self.manager.path
        )
        self.assertEqual(result, (0, "", ""))
        self.manager.wait_for(b"READY=1\nSTATUS=up")

    def test_an_operand_replaces_an_option(self):
        status, _, err = self.send("--status=option", "--ready", "STATUS=operand")
        self.assertEqual(status, 0, err)
        self.manager.wait_for_lines(b"STATUS=operand", b"READY=1")
        self.assertNotIn(b"STATUS=option", self.manager.lines())

    def test_a_reloading_message_has_a_timestamp(self):
        self.assertEqual(self.send("--reloading")[0], 0)
        self.manager.wait_until("two lines", lambda _: len(self.manager.lines()) > 1)
        lines = self.manager.lines()
        self.assertEqual(lines[0], b"RELOADING=1")
        self.assertRegex(lines[1], rb"^MONOTONIC_USEC=[0-9]+$")

    def test_the_option_pid_sends_a_main_pid(self):
        pid = os.getpid()
        for options, wanted in (
            ([f"--pid={pid}"], pid),
            (["--pid=parent"], pid),
            # The last option counts, and the default is the parent.
            (["--pid=1", "--pid"], pid),
        ):
            with self.subTest(options):
                self.manager.messages.clear()
                self.assertEqual(self.send("--no-block", *options)[0], 0)
                self.manager.wait_for_lines(f"MAINPID={wanted}".encode())

    def test_each_of_several_values_is_checked(self):
        for options in (["--pid=x", "--pid=self"], ["--uid=no-such-user", "--uid=0"]):
            with self.subTest(options):
                status, _, err = self.send("--no-block", "--ready", *options)
                self.assertEqual(status, 1, err)

    def test_without_arguments_help_is_shown_and_send_fails(self):
        status, out, err = self.send()
        self.assertNotEqual(status, 0)
        self.assertIn("--ready", out + err)

    def test_a_missing_notify_socket_is_a_failure(self):
        status, _, err = self.send("--ready", NOTIFY_SOCKET=None)
        self.assertEqual(status, 1)
        self.assertIn("No status data could be sent: $NOTIFY_SOCKET was not set", err)

    def test_a_wrong_notify_socket_is_a_failure_with_its_reason(self):
        for wrong, error in (
            ("", "Invalid argument; $NOTIFY_SOCKET is \"\": it is empty"),
            ("foo", "Invalid argument; $NOTIFY_SOCKET is \"foo\": expected an absolute path"),
            ("/" + 120 * "x", "File name too long; $NOTIFY_SOCKET is \"/x"),
        ):
            with self.subTest(wrong):
                status, _, err = self.send("--ready", NOTIFY_SOCKET=wrong)
                self.assertEqual(status, 1)
                self.assertIn(f"Failed to notify service manager: {error}", err)

    def test_a_missing_service_manager_is_a_failure(self):
        status, _, err = self.send("--ready", NOTIFY_SOCKET=self.path("nobody"))
        self.assertEqual(status, 1)
        self.assertIn("Failed to notify service manager: No such file or directory", err)

    def test_send_returns_when_the_message_is_processed(self):
        for number in range(20):
            self.assertEqual(self.send(f"X_NUMBER={number}")[0], 0)
            self.assertEqual(self.manager.messages[-1], f"X_NUMBER={number}".encode())

    def test_an_unanswered_barrier_is_a_failure(self):
        path = self.path("deaf")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
            deaf.bind(path)
            status, _, err = self.send("--ready", NOTIFY_SOCKET=path)
            self.assertEqual(status, 1)
            self.assertIn("Failed to invoke barrier", err)
            self.assertEqual(self.send("--no-block", "--ready", NOTIFY_SOCKET=path)[0], 0)

    def test_the_option_booted_returns_whether_systemd_runs(self):
        status, out, err = self.send("--booted")
        wanted = 0 if os.path.isdir("/run/systemd/system") else 1
        self.assertEqual((status, out, err), (wanted, "", ""))

    def test_the_option_exec_becomes_the_command(self):
        status, out, err = self.send("--exec", "READY=1", ";", "echo", "--then", "this")
        self.assertEqual((status, out), (0, "--then this\n"), err)
        self.manager.wait_for(b"READY=1")

    def test_descriptors_are_sent_along(self):
        status, _, err = self.send("--fd=0", "--fdname=input", "X_A=1")
        self.assertEqual(status, 0, err)
        self.manager.wait_for_lines(b"FDSTORE=1", b"FDNAME=input", b"X_A=1")

    def test_the_option_fork_follows_the_command_until_it_is_ready(self):
        code = "notify('READY=1'); stay()"
        status, out, err = self.send("--fork", "--", *bridge.app(code))
        self.assertEqual(status, 0, err)
        os.kill(int(out), signal.SIGKILL)

    def test_the_option_fork_returns_the_commands_exit_status(self):
        for wanted in (0, 5):
            status, _, err = self.send("--fork", "--", "sh", "-c", f"exit {wanted}")
            self.assertEqual(status, wanted, err)

    def test_the_option_fork_with_quiet_does_not_print_the_pid(self):
        for option in ("-q", "--quiet"):
            with self.subTest(option):
                self.assertEqual(self.send(option, "--fork", "--", "true"), (0, "", ""))

    def test_errors_have_the_words_of_systemd_notify(self):
        for arguments, words in (
            (["--raedy"], "systemd-notify: unrecognized option '--raedy'"),
            (["-qx"], "systemd-notify: invalid option -- 'x'"),
            (["--status"], "systemd-notify: option '--status' requires an argument"),
            (["--ready=1"], "systemd-notify: option '--ready' doesn't allow an argument"),
            (
                ["--re"],
                "systemd-notify: option '--re' is ambiguous; "
                "possibilities: '--ready' '--reloading'",
            ),
            (["--uid=no-such-user", "--ready"], "Can't resolve user no-such-user: Invalid argument"),
            (["--pid=nonsense"], "Failed to refer to --pid='nonsense': Invalid argument"),
            (["--pid=0"], "Failed to refer to --pid='0': Numerical result out of range"),
            (["--pid=08"], "Failed to refer to --pid='08': Invalid argument"),
            (
                ["--pid=2147483648"],
                "Failed to refer to --pid='2147483648': Numerical result out of range",
            ),
            (["--uid=01", "--ready"], "Can't resolve user 01: Invalid argument"),
            (["--uid=65535", "--ready"], "Can't resolve user 65535: No such device or address"),
            (
                ["--exec", "READY=1"],
                "If --exec is used argument list must contain ';' separator, refusing.",
            ),
            (
                ["--exec", "READY=1", ";"],
                "Empty command line specified after ';' separator, refusing.",
            ),
            (["--exec", ";", "true"], "No notify message specified while --exec, refusing."),
            (
                ["--exec", "READY=1", ";", "no-such-command", "a", "b c"],
                "Failed to execute command line: no-such-command a b c",
            ),
            (
                ["--fdname=input", "READY=1"],
                "No file descriptors passed, but --fdname= set, refusing.",
            ),
            (["--fdname=input"], "No file descriptors passed, but --fdname= set, refusing."),
            (
                ["--fd=77", "READY=1"],
                "Specified file descriptor '77' not passed or specified more than once: "
                "No such file or directory",
            ),
        ):
            with self.subTest(arguments):
                self.assertEqual(self.send(*arguments), (1, "", words + "\n"))

    def test_a_message_that_systemd_would_drop_is_refused(self):
        self.assert_sent(["STATUS=" + 4089 * "a"], "STATUS=" + 4089 * "a")
        status, out, err = self.send("--ready", "STATUS=" + 4082 * "a")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("has 4097 bytes, but a service manager drops messages of more than 4096", err)

    def test_errors_name_the_program_as_called(self):
        result = self.run_to_end("notifybridge", "send", "--raedy")
        self.assertEqual(result, (1, "", "notifybridge send: unrecognized option '--raedy'\n"))

    def test_descriptors_that_no_option_names_give_a_warning(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        self.addCleanup(os.close, writing)
        result = subprocess.run(
            [*self.command(bridge.SEND), "--fd=0", "READY=1"],
            env=self.environment(NOTIFY_SOCKET=self.manager.path),
            pass_fds=(reading, writing),
            capture_output=True,
            text=True,
            timeout=bridge.PATIENCE,
        )
        warning = "Warning: 2 more file descriptors passed than referenced with --fd=.\n"
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", warning))

    def test_a_message_beside_booted_is_ignored(self):
        status, out, err = self.send("--booted", "X_A=1")
        self.assertEqual((status, out), self.send("--booted")[:2])
        self.assertEqual(err, "Notify message specified along with --booted, ignoring.\n")
        self.assertEqual(self.manager.messages, [])

    @unittest.skipUnless(THEIRS, "needs the host's systemd-notify")
    def test_options_work_as_in_the_hosts_systemd_notify(self):
        pid = os.getpid()
        for arguments in (
            ["--ready"],
            ["--ready", "X_A=1", "READY=2"],
            ["--status=one", "--status=two", "--ready", "--ready"],
            ["X_A=1", "X_A=2"],
            ["X_A=ü", "X_B= spaces "],
            ["no-variable"],
            [f"--pid={pid}"],
            ["--pid=1", "--no-block"],
            ["--pid=nonsense"],
            ["--pid"],
            *(
                [f"--pid={number}", "--no-block"]
                for number in (hex(pid), f"+{pid}", f" {pid}", bin(pid), f"0{pid:o}", oct(pid))
            ),
            *(
                [f"--pid={no_pid}"]
                for no_pid in ("0", "08", "0x", f"{pid} ", "-1", "2147483648", "4294967296")
            ),
            ["--uid=no-such-user", "--ready"],
            ["--booted"],
            ["--booted", "X_A=1"],
            ["--status"],
            ["--ready=1"],
            ["--read"],
            [],
        ):
            with self.subTest(arguments):
                ours = self.exit_status_and_messages(self.command(bridge.SEND), arguments)
                self.assertEqual(ours, self.exit_status_and_messages([THEIRS], arguments))

    def exit_status_and_messages(self, command, arguments):
        """Returns the exit status and the messages that are the same in versions 252, 257 and 262.
        Leaves out messages about a failure of the program: ERRNO=, EXIT_STATUS= (from systemd#27509
        on) or nothing. Also leaves out the text that version 262 adds to a pid."""
        self.manager.messages.clear()
        result = subprocess.run(
            [*command, *arguments],
            env=self.environment(NOTIFY_SOCKET=self.manager.path),
            capture_output=True,
            timeout=bridge.PATIENCE,
        )
        # systemd-notify waits for the barrier, so all messages have arrived. With --no-block, it
        # does not wait.
        if "--no-block" in arguments:
            self.manager.wait_until("a message", lambda messages: messages)
        of_failure = (b"ERRNO=", b"EXIT_STATUS=")
        messages = [text for text in self.manager.messages if not text.startswith(of_failure)]
        return result.returncode, [re.sub(rb"\nMAINPIDFDID=\d+", b"", text) for text in messages]

    def test_send_can_change_its_user(self):
        if not bridge.CAN_BE_NOBODY:
            self.skipTest("needs root, and uid and gid 65534")
        os.chmod(self.dir, 0o755)
        os.chmod(self.manager.path, 0o666)
        user = pwd.getpwuid(65534).pw_name
        for name in (user, "65534"):
            with self.subTest(name):
                self.assert_sent([f"--uid={name}", "X_USER=1"], "X_USER=1")
        status, _, err = self.send("--uid=no-such-user", "READY=1")
        self.assertEqual(status, 1)
        self.assertIn("no-such-user", err)

    @unittest.skipUnless(THEIRS and os.geteuid() == 0, "needs the host's systemd-notify, and root")
    def test_the_hosts_systemd_notify_uses_the_same_user(self):
        users = ["0", "root", "65534", "12345", "65536", "4294967294", "01", "00", "012", "+1", " 1"]
        users += ["0x1", "-1", "1 ", "", "65535", "4294967295", "4294967296", "9" * 20, "no such"]
        for user in users:
            with self.subTest(user):
                arguments = [f"--uid={user}", "--no-block", "X_A=1"]
                ours = self.exit_status_text_and_sender(self.command(bridge.SEND), arguments)
                self.assertEqual(ours, self.exit_status_text_and_sender([THEIRS], arguments))

    def exit_status_text_and_sender(self, command, arguments):
        """Returns the exit status and the text on standard error, and the uid and gid of the
        message, if there is one."""
        path = self.path("credentials")
        os.chmod(self.dir, 0o755)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            manager.bind(path)
            os.chmod(path, 0o666)
            result = subprocess.run(
                [*command, *arguments],
                env=self.environment(NOTIFY_SOCKET=path),
                capture_output=True,
                timeout=bridge.PATIENCE,
            )
            os.unlink(path)
            sender = None
            if result.returncode == 0:
                _, ancillary, _, _ = manager.recvmsg(4096, 256)
                sender = struct.unpack("iII", ancillary[0][2])[1:]
        return result.returncode, result.stderr, sender

    def test_a_shared_directory_has_a_name(self):
        for words in (["-d", ""], ["--shared-dir="]):
            with self.subTest(words):
                status, out, err = self.send(*words, "STATUS=x")
                self.assertEqual((status, out), (1, ""))
                self.assertIn("--shared-dir", err)

    def test_a_shared_directory_without_wrap_is_named(self):
        os.mkdir(self.path("empty"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stale:
            os.mkdir(self.path("stale"))
            stale.bind(self.path("stale/notify.sock"))
        for name in ("missing", "empty", "stale"):
            with self.subTest(name):
                status, out, err = self.send("-d", self.path(name), "STATUS=x")
                self.assertEqual((status, out), (1, ""))
                self.assertIn(f'; no `wrap` uses "{self.path(name)}": start the container, or correct --shared-dir\n', err)

    def test_send_reaches_a_shared_directory(self):
        wrap = self.start(bridge.WRAP, *bridge.IDLE)
        socket_path = os.path.join(self.shared, "notify.sock")
        bridge.eventually("wrap is up", lambda: os.path.exists(socket_path))
        status, _, err = self.send(f"--shared-dir={self.shared}", "STATUS=from outside")
        self.assertEqual(status, 0, err)
        bridge.eventually(
            "it is there", lambda: "STATUS=from outside" in self.container_status()
        )
        self.assertTrue(wrap.is_running())


bridge.main()
