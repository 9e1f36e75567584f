#!/usr/bin/python3
"""Tests how ctl shows what became of a start: notifybridge-ctl(1), status and logs."""

import os
import shutil
import signal
import unittest

import bridge
import managed
from managed import IDLE


class InitFailures(managed.Case):
    def test_status_shows_only_the_lines_of_the_last_start(self):
        self.write_unit("default.target", "[Unit]\nWants=app.service\n")
        app = IDLE + "ExecStartPre=/bin/echo "
        self.write_unit("app.service", app + "one\n")
        self.wait_until_up(self.start_init())
        self.assertIn("]: one\n", self.ctl("status", "app.service")[1])
        self.write_unit("app.service", app + "two\n")
        self.ctl("daemon-reload")
        self.assertEqual(self.ctl("restart", "app.service")[0], 0)
        for end in ([], ["stop"]):
            if end:
                self.assertEqual(self.ctl(*end, "app.service")[0], 0)
            _, out, _ = self.ctl("status", "app.service")
            self.assertNotIn("]: one\n", out)
            self.assertIn("]: two\n", out)
        _, out, _ = self.ctl("logs", "app.service")
        self.assertIn("]: one\n", out)
        self.assertIn("]: two\n", out)

    def test_the_log_of_a_unit_names_the_dependency_that_failed(self):
        self.write_unit("default.target", "[Unit]\n")
        self.write_unit("bad.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
        self.write_unit("app.service", "[Unit]\nRequires=bad.service\nAfter=bad.service\n" + IDLE)
        self.wait_until_up(self.start_init())
        status, _, err = self.ctl("start", "app.service")
        self.assertEqual(status, 1)
        self.assertEqual(
            err,
            "A dependency job for app.service failed."
            ' See "systemctl status app.service" for details.\n',
        )
        for verb in ("status", "logs"):
            self.assertIn("'systemctl status bad.service'", self.ctl(verb, "app.service")[1])

    def test_a_mount_unit_starts_only_if_it_is_mounted(self):
        self.write_unit("default.target", "[Unit]\n")
        self.write_unit("nowhere.mount", "[Mount]\nWhat=tmpfs\nWhere=/nowhere\nType=tmpfs\n")
        for name in ("proc", "nowhere"):
            needs = f"[Unit]\nRequires={name}.mount\nAfter={name}.mount\n"
            self.write_unit(f"{name}-user.service", needs + IDLE)
        self.wait_until_up(self.start_init())
        self.assertEqual(self.ctl("start", "proc-user.service")[::2], (0, ""))
        self.assertEqual(self.ctl("start", "nowhere-user.service")[0], 1)
        for verb in ("status", "logs"):
            out = self.ctl(verb, "nowhere.mount")[1]
            self.assertIn("a mount unit needs a file system that is mounted already", out)

    def test_sighup_creates_a_removed_control_socket_again(self):
        self.write_unit("default.target", "[Unit]\n")
        process = self.start_init()
        self.wait_until_up(process)
        for removed in (".", "control"):
            path = os.path.join(self.root, "run", "notifybridge", removed)
            shutil.rmtree(os.path.realpath(path)) if removed == "." else os.unlink(path)
            status, _, err = self.ctl("list-jobs")
            self.assertEqual(status, 1)
            self.assertIn("kill -HUP 1", err)
            process.signal(signal.SIGHUP)
            bridge.eventually("the socket exists", lambda: self.ctl("list-jobs")[0] == 0)
        second = self.start("notifybridge", "init", f"--root={self.root}")
        self.assertNotEqual(second.wait(), 0)
        self.assertIn("is the service manager at", second.err)


if __name__ == "__main__":
    unittest.main()
