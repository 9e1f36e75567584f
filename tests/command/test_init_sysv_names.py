#!/usr/bin/python3
"""Tests the programs of SysV init that the executable replaces: notifybridge-ctl(1), CALLED AS
HALT, SHUTDOWN, TELINIT OR RUNLEVEL."""

import datetime
import os
import shutil
import time
import unittest

import bridge
import managed

NAMES = ("halt", "poweroff", "reboot", "runlevel", "shutdown", "telinit")
GRAPHICAL = "[Unit]\nWants=app.service\n"


class SysvNames(managed.Case):
    def setUp(self):
        super().setUp()
        for name in NAMES:
            os.symlink("notifybridge", os.path.join(self.bin, name))
        self.write_unit("app.service", managed.DONE)
        self.write_unit("graphical.target", GRAPHICAL)

    def as_named(self, name, *words):
        return self.run_to_end(name, f"--root={self.root}", *words, SHARED_DIR=None)

    def boot(self, unit="graphical.target"):
        process = self.start_init(f"--unit={unit}")
        self.wait_until_up(process)
        return process

    def assert_plan(self, said, pattern):
        status, out, err = said
        self.assertEqual((status, out), (0, ""))
        self.assertRegex(err, f"^{pattern}, use 'shutdown -c' to cancel.\n$")

    def assert_no_plan(self):
        self.assertEqual(self.as_named("shutdown", "--show"), (1, "", "No scheduled shutdown.\n"))

    def test_each_name_has_its_own_help(self):
        for name in NAMES:
            with self.subTest(name):
                status, out, err = self.run_to_end(name, "--help")
                self.assertEqual((status, err), (0, ""))
                self.assertTrue(out.startswith(f"Usage: {name} "), out)
                self.assertIn("--help", out)

    def test_each_name_ends_the_container(self):
        for words in (
            ("halt",),
            ("poweroff", "-f"),
            ("reboot", "-d", "-n", "--no-wall"),
            ("halt", "-p"),
            ("shutdown", "now"),
            ("shutdown", "-h", "now", "the text for users"),
            ("shutdown", "-r", "now"),
            ("telinit", "0"),
            ("telinit", "6"),
        ):
            with self.subTest(words):
                process = self.boot()
                self.assertEqual(self.as_named(*words), (0, "", ""))
                self.assertEqual(process.wait(), 0)

    def test_options_that_only_print_or_record_end_nothing(self):
        process = self.boot()
        for words in (("halt", "-w"), ("poweroff", "--wtmp-only"), ("shutdown", "-k", "now")):
            with self.subTest(words):
                self.assertEqual(self.as_named(*words), (0, "", ""))
        self.assert_no_plan()
        self.assertTrue(process.is_running())

    def test_a_shutdown_is_planned_shown_and_cancelled(self):
        self.boot()
        self.assert_no_plan()
        for words, action in (
            ((), "Shutdown"),
            (("-h", "+5"), "Shutdown"),
            (("-H", "5", "text"), "Shutdown"),
            (("-r", "23:59"), "Reboot"),
            (("-k", "-P", "0:30"), "dry-poweroff"),
        ):
            with self.subTest(words):
                pattern = rf"{action} scheduled for \w{{3}} [-0-9]+ [:0-9]+ \w+"
                said = self.as_named("shutdown", *words)
                self.assert_plan(said, pattern)
                self.assertEqual(self.as_named("shutdown", "--show"), said)
                self.assertEqual(self.as_named("shutdown", "-c"), (0, "", ""))
                self.assert_no_plan()
        self.assertEqual(self.as_named("shutdown", "-c"), (0, "", ""))

    def test_shutdown_plans_the_given_time(self):
        self.boot()
        before = time.time()
        _, _, err = self.run_to_end(
            "shutdown", f"--root={self.root}", "-h", "+90", SHARED_DIR=None, TZ="UTC"
        )
        after = time.time()
        told = " ".join(err.split()[4:6])
        planned = datetime.datetime.strptime(told + " +0000", "%Y-%m-%d %H:%M:%S %z").timestamp()
        self.assertTrue(int(before) + 5400 <= planned <= after + 5400, err)
        _, _, err = self.run_to_end(
            "shutdown", f"--root={self.root}", "-h", "07:05", SHARED_DIR=None, TZ="UTC"
        )
        self.assertIn(" 07:05:00 UTC,", err)

    def test_a_planned_shutdown_ends_init(self):
        for word in ("+0", "0"):
            process = self.boot()
            said = self.as_named("shutdown", word)
            self.assert_plan(said, r"Shutdown scheduled for \w{3} [-0-9]+ [:0-9]+ \w+")
            self.assertEqual(process.wait(), 0)

    def test_a_start_of_a_target_that_ends_the_container_succeeds(self):
        for words in (
            ("start", "reboot.target"),
            ("isolate", "poweroff.target"),
            ("isolate", "halt"),
            ("start", "exit.target"),
        ):
            with self.subTest(words):
                process = self.boot()
                self.assertEqual(self.ctl(*words), (0, "", ""))
                self.assertEqual(process.wait(), 0)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root and setpriv(1)")
    def test_a_user_is_refused_with_the_status_of_systemctl(self):
        self.boot()
        for directory in (self.root, self.path("")):
            os.chmod(directory, 0o755)
        os.symlink(shutil.which("setpriv"), os.path.join(self.bin, "setpriv"))
        for verb, status in (("daemon-reload", 1), ("poweroff", 4), ("start", 4)):
            words = [verb, "app.service"] if verb == "start" else [verb]
            said = self.run_to_end(
                *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
                *self.command("notifybridge", "ctl", f"--root={self.root}", *words),
            )
            self.assertEqual(said[0], status, said)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("setpriv"), "needs root and setpriv(1)")
    def test_a_manager_of_a_user_accepts_its_own_user(self):
        os.symlink(shutil.which("setpriv"), os.path.join(self.bin, "setpriv"))
        self.write_unit("own.service", "[Service]\nType=oneshot\nUser=nobody\nExecStart=/usr/bin/id -u\n")
        self.write_unit("other.service", "[Service]\nType=oneshot\nUser=daemon\nExecStart=/usr/bin/id -u\n")
        for directory, _, _ in os.walk(self.path("")):
            os.chown(directory, 65534, -1)
        for unit, told in (("own", "65534\n"), ("other", "ended: exited, status 216")):
            process = self.start(
                *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
                *self.command("notifybridge", "init", f"--root={self.root}", f"--unit={unit}.service"),
                SHARED_DIR=None,
            )
            self.addCleanup(self.end_init, process)
            self.wait_until_up(process)
            bridge.eventually(f"{unit} has run", lambda: told in process.out + process.err)
            self.end_init(process)

    def test_a_planned_dry_run_ends_nothing(self):
        process = self.boot()
        self.as_named("shutdown", "-k", "+0")
        bridge.eventually(
            "the plan is over", lambda: self.as_named("shutdown", "--show")[0] == 1
        )
        self.assertEqual(self.ctl("is-system-running")[1], "running\n")
        self.assertTrue(process.is_running())

    def test_telinit_reloads_and_isolates(self):
        self.boot()
        self.write_unit("other.service", managed.IDLE)
        for word in ("q", "u"):
            self.assertEqual(self.as_named("telinit", word), (0, "", ""))
        self.write_unit(
            "runlevel3.target", "[Unit]\nAllowIsolate=yes\nWants=other.service\n"
        )
        self.assertEqual(self.as_named("telinit", "3"), (0, "", ""))
        bridge.eventually(
            "the level is reached",
            lambda: self.ctl("is-active", "runlevel3.target")[1] == "active\n",
        )
        bridge.eventually(
            "the others are stopped", lambda: self.ctl("is-active", "app.service")[0] == 3
        )

    def test_runlevel_names_the_active_target(self):
        self.assertEqual(self.as_named("runlevel"), (1, "unknown\n", ""))
        self.boot()
        self.assertEqual(self.as_named("runlevel"), (0, "N 5\n", ""))

    def test_runlevel_of_a_multi_user_target_is_3(self):
        self.write_unit("multi-user.target", GRAPHICAL)
        self.boot("multi-user.target")
        self.assertEqual(self.as_named("runlevel"), (0, "N 3\n", ""))

    def test_runlevel_without_a_target_is_unknown(self):
        self.boot("app.service")
        self.assertEqual(self.as_named("runlevel"), (1, "unknown\n", ""))

    def test_wrong_arguments_are_errors(self):
        for words, told in (
            (("halt", "now"), "Too many arguments."),
            (("runlevel", "5"), "Too many arguments."),
            (("telinit",), "required argument missing."),
            (("telinit", "0", "6"), "Too many arguments."),
            (("telinit", "00"), "Expected single character argument."),
            (("telinit", "x"), "Unknown command 'x'."),
            (("shutdown", "-h", "soon"), "Failed to parse time specification: soon"),
            (("shutdown", "24:00"), "Failed to parse time specification: 24:00"),
            (("shutdown", "-1"), "invalid option"),
            (("reboot", "--soon"), "--soon"),
        ):
            with self.subTest(words):
                status, out, err = self.as_named(*words)
                self.assertEqual((status, out), (1, ""))
                self.assertIn(told, err)


bridge.main()
