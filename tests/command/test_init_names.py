#!/usr/bin/python3
"""Tests `init` with the names of the programs that it replaces: notifybridge-init(1), CALLED AS
INIT OR SYSTEMD."""

import os
import shutil
import signal
import unittest

import bridge
import managed

# The service of this unit writes down the name of process 1, and continues.
WITNESS = """[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/sh -c 'cat /proc/1/comm >{0}.new; mv {0}.new {0}; exec sleep infinity'
"""
ALONE = 'mount -t tmpfs tmpfs /run && exec "$0" "$@"'


class InitNames(managed.Case):
    def setUp(self):
        super().setUp()
        for name in ("init", "systemd"):
            os.symlink("notifybridge", os.path.join(self.bin, name))

    def start_as(self, name, *words, **more):
        process = self.start(name, f"--root={self.root}", *words, SHARED_DIR=None, **more)
        self.addCleanup(self.end_init, process)
        return process

    def test_usual_options_of_systemd_are_accepted(self):
        self.write_unit("app.service", managed.DONE)
        for name in ("init", "systemd"):
            with self.subTest(name):
                receiver = self.receiver()
                process = self.start_as(
                    *(name, "--system", "--unit", "app.service", "--log-target=console"),
                    *("--log-level", "crit", "--log-color=no", "--show-status=false"),
                    *("--crash-shell", "--dump-core=yes", "--log-time"),
                    NOTIFY_SOCKET=receiver.path,
                )
                receiver.wait_for_lines(b"READY=1")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 0)
                self.assertEqual(process.err, "")

    def test_show_status_logs_usual_events(self):
        self.write_unit("app.service", managed.DONE)
        for words in (["--show-status"], ["--show-status=1"], ["--log-level=info"]):
            with self.subTest(words):
                receiver = self.receiver()
                process = self.start_as(
                    "systemd", "--unit=app.service", *words, NOTIFY_SOCKET=receiver.path
                )
                receiver.wait_for_lines(b"READY=1")
                process.signal(signal.SIGTERM)
                self.assertEqual(process.wait(), 0)
                self.assertIn("all units are started", process.err)

    def test_an_option_without_counterpart_is_ignored_with_a_warning(self):
        self.write_unit("app.service", managed.DONE)
        receiver = self.receiver()
        process = self.start_as(
            *("systemd", "--unit=app.service", "--machine-id", "x", "--confirm-spawn"),
            NOTIFY_SOCKET=receiver.path,
        )
        receiver.wait_for_lines(b"READY=1")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)
        for option in ("--machine-id", "--confirm-spawn"):
            self.assertIn(f"ignoring {option}: init does not have this option", process.err)

    def test_other_options_and_words_are_errors(self):
        for words in (["--user"], ["--test"], ["--system=yes"], ["--unit"], ["3"], ["quiet"]):
            with self.subTest(words):
                status, _, err = self.run_to_end("systemd", *words)
                self.assertEqual(status, 1)
                self.assertIn(words[0].split("=")[0].lstrip("-"), err)

    def test_options_for_another_program_are_refused(self):
        # user@.service starts `systemd --user`, which would manage the services of a user.
        for words, reason in (
            (["--user"], "init manages the services of the system, not those of a user"),
            (["--test", "--system"], "'notifybridge ctl verify UNIT' checks units"),
            (["--dump-configuration-items"], "lists the directives"),
        ):
            with self.subTest(words):
                status, out, err = self.run_to_end("systemd", *words)
                self.assertEqual((status, out), (1, ""))
                self.assertIn(f"systemd: {words[0]} is not supported: ", err)
                self.assertIn(reason, err)
        self.assertEqual(self.run_to_end("systemd", "--user", "--version")[0], 0)

    def test_the_subcommand_init_refuses_words_of_systemd(self):
        for word in ("--system", "--show-status", "rescue"):
            status, _, err = self.run_to_end("notifybridge", "init", word)
            self.assertEqual(status, 1)
            self.assertIn(word, err)

    def test_init_is_telinit_for_other_processes(self):
        # No init answers here. The machine's own manager may answer, but it refuses the call.
        for word, verb in (("0", "poweroff"), ("6", "reboot"), ("Q", "daemon-reload")):
            with self.subTest(word):
                said = self.run_to_end("init", word, SHARED_DIR=None)
                self.assertEqual(said, self.run_to_end(bridge.CTL, verb, SHARED_DIR=None))
                self.assertEqual(said[0], 1)

    def test_version_names_the_release_of_systemd(self):
        for name in ("init", "systemd"):
            status, out, _ = self.run_to_end(name, "--version")
            self.assertEqual(status, 0)
            self.assertRegex(out, r"^systemd \d+ \(.*\)\nnotifybridge version ")

    def test_ctl_says_what_replaces_verbs_of_systemctl(self):
        status, _, err = self.ctl("default")
        self.assertEqual(status, 1)
        self.assertIn("is not supported here. Instead, run: systemctl isolate default.target", err)
        self.assertIn("podman pause", self.ctl("freeze", "app.service")[2])

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "cannot make namespaces")
    def test_process_1_is_called_systemd_and_reads_kernel_words(self):
        for name in ("unshare", "sh"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        for number, words in enumerate(
            (
                ["systemd.unit=app.service", "quiet", "console=ttyS0", "systemd.show_status=0"],
                ["--unit=app.service", "ro", "rd.luks=0"],
            )
        ):
            with self.subTest(words):
                told = self.path(f"comm-{number}")
                self.write_unit("app.service", WITNESS.format(told))
                process = self.start(
                    *("unshare", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"),
                    *self.command("sh", "-c", ALONE),
                    *self.command("init", *words),
                    SHARED_DIR=None,
                    SYSTEMD_UNIT_PATH=self.units,
                )
                bridge.eventually("the service has told", lambda: os.path.exists(told))
                with open(told, encoding="ascii") as file:
                    self.assertEqual(file.read(), "systemd\n")
                self.assertEqual(process.err, "")

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "cannot make namespaces")
    def test_process_1_refuses_a_program_that_was_given_by_mistake(self):
        for name in ("unshare", "sh"):
            os.symlink(shutil.which(name), os.path.join(self.bin, name))
        status, _, err = self.run_to_end(
            *("unshare", "--pid", "--mount", "--fork", "--kill-child", "--mount-proc"),
            *self.command("sh", "-c", ALONE),
            *self.command("init", "/bin/bash"),
            SHARED_DIR=None,
        )
        self.assertEqual(status, 1)
        self.assertIn('"/bin/bash" is not an option', err)


bridge.main()
