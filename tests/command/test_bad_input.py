#!/usr/bin/python3
"""Checks that bad input is refused with status 125 and one line, and starts nothing."""

import os
import shutil
import socket
import tempfile
import unittest

import bridge

BOTH = (bridge.WRAP, bridge.WAIT)

# A traced process cannot be checked for leaks.
IS_RELEASE = os.environ.get("NOTIFYBRIDGE_FIGURES") == "yes"
STRACE = shutil.which("strace") if IS_RELEASE else None


class BadInput(bridge.Case):
    def setUp(self):
        super().setUp()
        # If this command were started, it would leave a file.
        self.trace = self.path("trace")
        self.leave_trace = ["touch", self.trace]

    def assert_nothing_started(self):
        self.assertFalse(os.path.exists(self.trace), "the command was started")

    def refused(self, name, *options, words=(), command=None, **env):
        result = self.run_to_end(name, *options, *(command or self.leave_trace), **env)
        self.assert_refused(result, *words)
        self.assert_nothing_started()

    def test_a_missing_command_is_refused(self):
        self.assert_refused(self.run_to_end(bridge.WRAP), "command")
        self.assert_refused(self.run_to_end(bridge.WRAP, "--verbose", "--"), "command")

    def test_an_unknown_option_is_refused(self):
        for name in BOTH:
            with self.subTest(name):
                self.refused(name, "--nonsense", words=["--nonsense"])
                self.refused(name, "-Z", words=["-Z"])

    def test_an_option_without_its_value_is_refused(self):
        for name in BOTH:
            with self.subTest(name):
                self.assert_refused(self.run_to_end(name, "--shared-dir"), "--shared-dir")

    def test_an_option_with_a_needless_value_is_refused(self):
        for name in BOTH:
            with self.subTest(name):
                self.refused(name, "--verbose=yes", words=["--verbose"])

    def test_a_relative_directory_needs_a_working_directory(self):
        for name, directory in ((bridge.WRAP, "d"), (bridge.WRAP, "."), (bridge.WAIT, "d")):
            with self.subTest(name, directory=directory):
                gone = tempfile.mkdtemp(dir=self.dir)
                self.refused(
                    name,
                    f"--shared-dir={directory}",
                    words=[f'shared directory "{directory}": ', "No such file or directory"],
                    options={"cwd": gone, "preexec_fn": lambda: os.rmdir(gone)},
                )

    @unittest.skipUnless(os.geteuid() == 0, "nobody else may write to /proc")
    def test_a_shared_directory_that_accepts_no_files_is_refused(self):
        for name in BOTH:
            with self.subTest(name):
                status, out, err = self.run_to_end(
                    name, *self.leave_trace, SHARED_DIR="/proc", NOTIFY_SOCKET="/nowhere"
                )
                self.assertEqual((status, out), (125, ""), err)
                self.assertIn('shared directory "/proc": ', err)
                self.assertIn("check that files and sockets can be created in it", err)
                self.assert_nothing_started()

    def test_a_bad_timeout_is_refused(self):
        for value in ("abc", "-1", "", "5 parsecs", "1e400"):
            with self.subTest(value):
                if value:
                    self.refused(bridge.WAIT, words=["TIMEOUT", value], TIMEOUT=value)
                self.refused(bridge.WAIT, f"--timeout={value}", words=["--timeout", value])

    def test_bad_values_of_other_options_are_refused(self):
        for name, option in (
            (bridge.WAIT, "--stop-timeout=soon"),
            (bridge.WAIT, "--until=maybe"),
            (bridge.WAIT, "--log-level=loud"),
            (bridge.WAIT, "--owner=nobody-of-that-name"),
            (bridge.WRAP, "--kill-after=soon"),
            (bridge.WRAP, "--socket-mode=9"),
            (bridge.WRAP, "--log-level=loud"),
        ):
            with self.subTest(option):
                self.refused(name, option, words=option.split("="))

    def test_keys_that_no_message_can_have_are_refused(self):
        for name in BOTH:
            for option in ("--allow", "--deny"):
                for key in ("A=B", "A,B", "A B", "X_*", "*", "?", ""):
                    with self.subTest([name, option, key]):
                        self.refused(name, option, key, "true", words=[option, f'"{key}"'])

    def test_a_missing_shared_directory_is_refused(self):
        self.refused(
            bridge.WRAP, words=[self.path("missing")], SHARED_DIR=self.path("missing")
        )
        self.refused(bridge.WRAP, f"--shared-dir={self.path('missing')}", words=["missing"])

    def test_wait_creates_only_the_last_component(self):
        missing = self.path("missing", "shared")
        self.refused(bridge.WAIT, words=[missing], SHARED_DIR=missing)
        self.assertFalse(os.path.exists(self.path("missing")))

    def test_wrap_needs_a_socket_or_a_shared_directory(self):
        if os.path.exists("/shared"):
            self.skipTest("this machine has a /shared")
        self.refused(bridge.WRAP, words=["neither NOTIFY_SOCKET nor SHARED_DIR is set", "Type=notify"],
                     SHARED_DIR=None)

    def test_options_of_the_other_side_are_refused(self):
        self.refused(bridge.WAIT, "--ready-when=start", words=["--ready-when", "`notifybridge run`"])
        self.refused(bridge.WRAP, "--member=db", words=["--member", "host-notify-waiter"])

    def test_options_after_the_container_manager_are_refused(self):
        words = ("podman", "run", "--rm", "--alive-when=start", "image")
        result = self.run_to_end("notifybridge", "run", *words)
        self.assert_refused(result, '"--alive-when" is an option of `run`', "before podman")

    def test_options_before_the_verb_are_refused(self):
        for words in (["--ready-when=start"], ["--log-level", "info", "--on-ready", "true"]):
            line = ("podman", *words, "run", "image")
            result = self.run_to_end("notifybridge", "run", *line)
            self.assert_refused(result, " is an option of `run`", "before podman")

    def test_options_after_the_image_give_a_warning(self):
        # The app may have options with these names, so they are passed on.
        warning = 'passing "--ready-when" to the app, because it follows the image'
        for option in ("--ready-when=start", "--ready-when"):
            line = ("podman", "run", "--rm", "image", option)
            status, out, err = self.run_to_end("notifybridge", "run", "--dry-run", *line)
            self.assertEqual(status, 0, err)
            self.assertIn(f" image {option}", out)
            self.assertIn(warning + "; if it is meant for `run`, put it before podman\n", err)
        for line in (("image", "app", "--ready-when=start"), ("image", "--ready")):
            status, _, err = self.run_to_end("notifybridge", "run", "--dry-run", "podman", "run", *line)
            self.assertEqual((status, err), (0, ""))

    def test_conflicting_options_for_the_command_are_refused(self):
        # The container manager would use its own value, and the value of `run` would be lost.
        options = "NOTIFYBRIDGE_OPTIONS=--ready-when=start"
        for words in (["--env", options], ["-e", options], ["--env=" + options], ["-e" + options]):
            line = ["podman", "run", *words, "image"]
            result = self.run_to_end("notifybridge", "run", "--ready-when=exit", *line)
            self.assert_refused(result, "would replace the options of `run`", "before podman")
            status, _, err = self.run_to_end("notifybridge", "run", "--dry-run", *line)
            self.assertEqual(status, 0, err)
        line = ["--ready-when=exit", "podman", "run", "image", "env", options]
        status, _, err = self.run_to_end("notifybridge", "run", "--dry-run", *line)
        self.assertEqual(status, 0, err)

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_an_selinux_denial_is_explained(self):
        # The test writes the audit log itself, because SELinux is not active here.
        os.symlink(STRACE, os.path.join(self.bin, "strace"))
        for call in ("openat", "faccessat,faccessat2"):
            with self.subTest(call):
                words = ["-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:error=EACCES"]
                # Only openat(2) of the shared directory may fail, so strace -P selects its path.
                words += ["-P", self.shared] if call == "openat" else []
                words += self.command(bridge.WRAP, *self.leave_trace)
                result = self.run_to_end("strace", *words)
                self.assert_refused(result, "though its owner and mode allow access", "SELinux", ":Z")
                self.assert_nothing_started()

    def test_a_read_only_shared_directory_is_refused(self):
        if os.geteuid() != 0 or not shutil.which("unshare"):
            self.skipTest("needs root and unshare(1)")
        os.symlink(shutil.which("unshare"), os.path.join(self.bin, "unshare"))
        mount = 'mount --bind "$SHARED_DIR" "$SHARED_DIR"; mount -o remount,bind,ro "$SHARED_DIR"'
        words = ("--mount", "sh", "-ec", f'{mount}; exec "$@"', "sh")
        result = self.run_to_end("unshare", *words, *self.command(bridge.WRAP, *self.leave_trace))
        self.assert_refused(result, "Read-only file system", "remove `ro`")

    def test_a_file_as_shared_directory_is_refused(self):
        file = self.path("file")
        open(file, "w").close()
        for name in BOTH:
            with self.subTest(name):
                self.refused(name, words=[file], SHARED_DIR=file)

    def test_an_unwritable_shared_directory_is_refused(self):
        if os.geteuid() == 0:
            # Root can write to every directory, except to one that no user can write to.
            self.refused(bridge.WRAP, words=["/proc/self"], SHARED_DIR="/proc/self")
            return
        os.chmod(self.shared, 0o555)
        for name in BOTH:
            with self.subTest(name):
                self.refused(name, words=[self.shared])

    def test_wait_refuses_a_directory_that_other_users_may_write(self):
        os.chmod(self.dir, 0o755)
        for mode in (0o777, 0o775, 0o1777):
            with self.subTest(oct(mode)):
                os.chmod(self.shared, mode)
                self.refused(bridge.WAIT, words=[self.shared])

    def test_wrap_only_warns_of_a_directory_writable_by_others(self):
        os.chmod(self.shared, 0o777)
        status, _, err = self.run_to_end(bridge.WRAP, "true")
        self.assertEqual(status, 0)
        self.assertIn(self.shared, err)

    def test_wait_refuses_a_directory_of_another_owner(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to give a directory away")
        os.chmod(self.dir, 0o1777)
        os.chown(self.shared, 65534, 65534)
        self.refused(bridge.WAIT, words=[self.shared, "65534", "--owner"])
        status, _, err = self.run_to_end(bridge.WAIT, "--owner=65534:65534", "true")
        self.assertEqual((status, err.count("refuse")), (0, 0), err)

    def test_a_directory_with_files_of_another_user_is_refused(self):
        if os.geteuid() != 0:
            self.skipTest("needs root, to be another user")
        self.assertEqual(self.run_to_end(bridge.WRAP, "true")[0], 0)
        os.chown(self.shared, 65534, 65534)
        os.chmod(self.dir, 0o755)
        user = {"options": {"user": 65534, "group": 65534, "extra_groups": []}}
        self.assert_refused(
            self.run_to_end(bridge.WRAP, "true", **user),
            *(self.shared, '"journal" belongs to a run of user 0', "user 65534", "remove the file"),
        )
        os.unlink(os.path.join(self.shared, "journal"))
        self.assertEqual(self.run_to_end(bridge.WRAP, "true", **user)[0], 0)

    def test_a_path_too_long_for_a_socket_is_refused(self):
        # A socket's path has at most 107 bytes, and "/notify.sock" needs 12 of them.
        long = self.path("d" * (107 - 12 - len(self.dir)))
        os.mkdir(long)
        self.refused(bridge.WRAP, words=["107"], SHARED_DIR=long)
        longest = long[:-1]
        os.mkdir(longest)
        status, _, err = self.run_to_end(bridge.WRAP, "true", SHARED_DIR=longest)
        self.assertEqual(status, 0, err)

    def manager_for(self, name):
        """Returns the variable of a service manager for `wait`, which would otherwise print one
        more line."""
        return {"NOTIFY_SOCKET": self.receiver().path} if name == bridge.WAIT else {}

    def test_a_command_that_is_not_found_gives_127(self):
        for name in BOTH:
            with self.subTest(name):
                for command in ("no-such-command", self.path("missing")):
                    result = self.run_to_end(name, command, **self.manager_for(name))
                    self.assert_refused(result, command, "No such file or directory", status=127)

    def test_a_command_that_is_not_executable_gives_126(self):
        file = self.path("file")
        with open(file, "w", encoding="utf-8") as script:
            script.write("#!/bin/sh\n")
        for name in BOTH:
            with self.subTest(name):
                result = self.run_to_end(name, file, **self.manager_for(name))
                self.assert_refused(result, file, "Permission denied", status=126)

    def test_a_missing_interpreter_is_reported(self):
        file = self.path("script")
        with open(file, "w", encoding="utf-8") as script:
            script.write("#!/no/such/interpreter\n")
        os.chmod(file, 0o755)
        self.assert_refused(self.run_to_end(bridge.WRAP, file), file, "No such file", status=127)

    def test_an_invalid_notify_socket_is_refused(self):
        for address in ("relative/path", "vsock:nonsense", "/" + "p" * 108):
            with self.subTest(address):
                self.refused(
                    bridge.WAIT, words=["NOTIFY_SOCKET", address[:20]], NOTIFY_SOCKET=address
                )


class Second(bridge.Case):
    def test_a_second_wrap_is_refused_with_the_pid_of_the_first(self):
        first = self.start(bridge.WRAP, *bridge.app("up(); stay()"))
        bridge.eventually("the first is up", lambda: first.out)
        result = self.run_to_end(bridge.WRAP, "touch", self.path("trace"))
        self.assert_refused(result, self.shared, str(first.pid))
        self.assertFalse(os.path.exists(self.path("trace")))
        self.assertTrue(first.is_running())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"STATUS=still here", os.path.join(self.shared, "notify.sock"))
        bridge.eventually(
            "the first one still listens",
            lambda: "STATUS=still here" in self.container_status(),
        )

    def test_a_second_wait_is_refused_with_the_pid_of_the_first(self):
        receiver = self.receiver()
        first = self.start_app(
            receiver,
            "notify('STATUS=first'); notify('READY=1'); stay()",
        )
        receiver.wait_for(b"STATUS=first")
        for command in ([], ["touch", self.path("trace")]):
            with self.subTest(command):
                result = self.run_to_end(bridge.WAIT, *command, NOTIFY_SOCKET=receiver.path)
                self.assert_refused(result, self.shared, str(first.pid))
        self.assertFalse(os.path.exists(self.path("trace")))
        self.assertTrue(first.is_running())
        receiver.wait_for(b"READY=1")

    def test_a_new_wrap_takes_over_from_an_ended_wrap(self):
        for status in (0, 3):
            with self.subTest(status):
                result = self.run_to_end(bridge.WRAP, "sh", "-c", f"exit {status}")
                self.assertEqual(result[0], status, result[2])

    @unittest.skipUnless(STRACE, "needs strace(1)")
    def test_an_ending_wrap_does_not_remove_the_next_wraps_socket(self):
        os.symlink(STRACE, os.path.join(self.bin, "strace"))
        # strace delays the removal of the files. The other process must act during this delay.
        slowly = ("-f", "-qq", "-o", "/dev/null", "-e", "inject=unlink,unlinkat:delay_enter=300ms")
        first = self.start("strace", *slowly, *self.command(bridge.WRAP, "true"))
        socket = os.path.join(self.shared, "notify.sock")
        bridge.eventually("the first is there", lambda: os.path.exists(socket))

        def start_next():
            process = self.start(bridge.WRAP, *bridge.app("up(); stay()"))
            bridge.eventually("it is up or refused", lambda: process.out or process.err)
            return process if process.out else None

        following = bridge.eventually("the next one is up", start_next)
        self.assertEqual(first.wait(), 0, first.err)
        self.assertTrue(os.path.exists(socket))
        self.assertTrue(following.is_running(), following.err)


bridge.main()
