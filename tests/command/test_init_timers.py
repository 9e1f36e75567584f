#!/usr/bin/python3
"""Tests timers of init as a user sees them: notifybridge-init(1), systemd.timer(5)."""

import json
import os
import time

import bridge
import managed

JOB = "[Service]\nType=oneshot\nExecStart=/bin/touch {}\n"


class Timers(managed.Case):
    def setUp(self):
        super().setUp()
        self.done = self.path("done")
        self.stamp = os.path.join(self.root, "var/lib/systemd/timers/stamp-job.timer")
        self.write_unit("default.target", "[Unit]\nWants=job.timer\n")
        self.write_unit("job.service", JOB.format(self.done))

    def start_timer(self, lines):
        self.write_unit("job.timer", f"[Timer]\n{lines}\n")
        process = self.start_init()
        self.wait_until_up(process)
        return process

    def timers(self):
        return json.loads(self.ctl("list-timers", "--all", "--output=json")[1])

    def test_a_timer_starts_its_service(self):
        self.start_timer("OnStartupSec=10ms\nAccuracySec=1us")
        bridge.eventually("the service has run", lambda: os.path.exists(self.done))
        bridge.eventually(
            "the timer has elapsed",
            lambda: self.ctl("show", "-P", "SubState", "job.timer")[1] == "elapsed\n",
        )
        (timer,) = self.timers()
        self.assertEqual((timer["unit"], timer["activates"]), ("job.timer", "job.service"))
        self.assertIsNone(timer["next"])
        self.assertLess(abs(timer["last"] / 1e6 - time.time()), 60)

    def test_a_persistent_timer_makes_up_for_a_missed_time(self):
        lines = "OnCalendar=monthly\nPersistent=yes\nAccuracySec=1us"
        process = self.start_timer(lines)
        self.assertFalse(os.path.exists(self.done))
        self.assertLess(abs(os.stat(self.stamp).st_mtime - time.time()), 60)
        self.end_init(process)
        os.utime(self.stamp, (1, 1))
        self.start_timer(lines)
        bridge.eventually("the service has run", lambda: os.path.exists(self.done))
        self.assertLess(abs(os.stat(self.stamp).st_mtime - time.time()), 60)

    def test_a_stamp_of_the_future_is_ignored(self):
        os.makedirs(os.path.dirname(self.stamp))
        with open(self.stamp, "wb"):
            pass
        os.utime(self.stamp, (2**32, 2**32))
        process = self.start_timer("OnCalendar=monthly\nPersistent=yes")
        said = (
            "(Persistent=), because its time is in the future: "
            "Sun 2106-02-07 06:28:16 "
        )
        self.assertIn(said, self.ctl("status", "job.timer")[1])
        bridge.eventually("it is logged", lambda: said in process.out)
        (timer,) = self.timers()
        self.assertLess(timer["next"] / 1e6 - time.time(), 32 * 24 * 3600)

    def test_a_failed_start_names_the_command_that_shows_the_reason(self):
        self.start_timer("OnCalendar=monthly")
        self.write_unit("lost.timer", "[Timer]\nOnCalendar=monthly\n")
        advice = 'Job failed. See "systemctl status lost.timer" for details.\n'
        self.assertEqual(self.ctl("start", "lost.timer"), (1, "", advice))

    def test_a_calendar_that_cannot_be_read_is_named(self):
        process = self.start_timer("OnCalendar=31st of February\nOnCalendar=*-02-30")
        self.assertIn(
            'job.timer:2: ignoring OnCalendar="31st of February": it is not a calendar event, such as '
            '"daily" or "Mon..Fri 12:00".',
            process.err,
        )
        # The other timer never elapses.
        self.assertIn("Trigger: n/a\n", self.ctl("status", "job.timer")[1])
        self.assertEqual(self.ctl("is-active", "job.timer")[1], "active\n")

    def test_an_unknown_time_zone_is_named(self):
        why = (
            'the time zone "Mars/Phobos" is not in /usr/share/zoneinfo; check its name, and whether '
            "the package tzdata is installed"
        )
        process = self.start_timer("OnCalendar=daily Mars/Phobos\nOnCalendar=daily")
        self.assertIn(f'job.timer:2: ignoring OnCalendar="daily Mars/Phobos": {why}.\n', process.err)
        status, _, err = self.ctl("calendar", "daily Mars/Phobos")
        self.assertEqual(status, 1)
        self.assertEqual(
            err, f"Failed to parse calendar specification 'daily Mars/Phobos': {why}\n"
        )

    def test_a_timer_without_a_time_cannot_be_started(self):
        process = self.start_timer("AccuracySec=1s")
        status, _, err = self.ctl("start", "job.timer")
        self.assertEqual(status, 1)
        self.assertIn("has a bad unit file setting", err)
        self.assertIn("it never elapses; set for example OnCalendar=", process.err)

    def test_a_thousand_timers_of_one_time_run_once(self):
        wants = " ".join(f"t{number}.timer" for number in range(1000))
        self.write_unit("default.target", f"[Unit]\nWants={wants}\n")
        for number in range(1000):
            self.write_unit(
                f"t{number}.timer", "[Timer]\nOnCalendar=*:*:*\nUnit=job.service\nAccuracySec=2s\n"
            )
        log = self.path("log")
        self.write_unit(
            "job.service",
            "[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\n"
            f"ExecStart=/bin/sh -c 'echo run >>{log}'\n",
        )
        process = self.start_init()
        self.wait_until_up(process)

        def runs():
            if not os.path.exists(log):
                return 0
            with open(log, encoding="ascii") as file:
                return len(file.readlines())

        bridge.eventually("the service has run", lambda: runs() > 1)
        lasts = [timer["last"] for timer in self.timers()]
        self.assertEqual(len(lasts), 1000)
        # `init` must not wake up separately for each timer.
        self.assertLess(runs(), 100)
        self.assertEqual(self.ctl("is-system-running")[1], "running\n")


bridge.main()
