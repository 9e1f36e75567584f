#!/usr/bin/python3
"""Tests how ctl shows what became of a start: notifybridge-ctl(1), status and logs."""

import unittest

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


if __name__ == "__main__":
    unittest.main()
