#!/usr/bin/python3
"""Compares `ctl calendar` with `systemd-analyze calendar`: 1,000 random events in each of 20 time zones
with NOTIFYBRIDGE_LONG=1, otherwise 200, because systemd-analyze takes minutes for the rest.

Leaves out what systemd 252 does wrong: a list that counts from the end of a month, and names of
the local zone such as CET. In two cases, systemd may skip a match: if a step leads beyond the end
of a day, and on the day on which summer time begins. It may also report an infinite loop.
"""

import datetime
import os
import random
import re
import shutil
import subprocess
import sys
import unittest

SKIPPED = 77
NOTIFYBRIDGE = os.environ["NOTIFYBRIDGE"]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "monday", "Wednesday"]
YEARS = ["*", "*", "*", "2026", "2024..2030", "26", "2027/2", "2026,2028"]
ZONES = [
    *("UTC", "UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Apia"),
    *("Africa/Casablanca", "No/Where"),
]
LOCAL_ZONES = [
    *("UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Istanbul", "Europe/Moscow"),
    *("America/New_York", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "Asia/Tokyo"),
    *("Asia/Kolkata", "Asia/Tehran", "Asia/Kathmandu", "Africa/Casablanca", "Australia/Lord_Howe"),
    *("Antarctica/Troll", "Pacific/Apia", "Pacific/Chatham", "CET-1CEST,M3.5.0,M10.5.0/3"),
]
# These days are around the changes of summer time, a leap day, and the end of a year.
BASES = ["2026-10-24 20:00", "2026-03-28 22:00", "2028-02-27 00:00", "2027-12-31 12:00"]
EVENTS = 250 if os.environ.get("NOTIFYBRIDGE_LONG") == "1" else 50  # for each base and zone


class Events(random.Random):
    """Makes random events. About half of them are valid."""

    def number(self, low, high, fraction=False):
        value = self.randint(0, high + 5) if self.random() < 0.03 else self.randint(low, high)
        text = f"{value:02d}" if self.random() < 0.5 else str(value)
        return f"{text}.{self.randint(0, 9999)}" if fraction and self.random() < 0.2 else text

    def range(self, low, high, fraction):
        text = self.number(low, high, fraction)
        if self.random() < 0.25:
            text += ".." + self.number(low, high, fraction)
        if self.random() < 0.25:
            text += f"/{self.randint(1, max(2, (high - low) // 2))}"
        return text

    def field(self, low, high, fraction=False, most=3):
        if self.random() < 0.35:
            return "*"
        count = min(self.choice([1, 1, 1, 2, 3]), most)
        return ",".join(self.range(low, high, fraction) for _ in range(count))

    def weekday(self):
        text = self.choice(WEEKDAYS)
        return text + self.choice(["..", "-"]) + self.choice(WEEKDAYS) if self.random() < 0.4 else text

    def date(self):
        separator = "~" if self.random() < 0.15 else "-"
        year = self.choice(YEARS) + "-" if self.random() < 0.7 else ""
        days = (1, 28, False, 1) if separator == "~" else (1, 31)
        return year + self.field(1, 12) + separator + self.field(*days)

    def time(self):
        text = self.field(0, 23) + ":" + self.field(0, 59)
        return text + ":" + self.field(0, 59, True) if self.random() < 0.5 else text

    def event(self):
        parts = []
        if self.random() < 0.3:
            parts.append(",".join(self.weekday() for _ in range(self.choice([1, 1, 2, 3]))))
        if self.random() < 0.6:
            parts.append(self.date())
        if self.random() < 0.8 or not parts:
            parts.append(self.time())
        if self.random() < 0.35:
            parts.append(self.choice(ZONES))
        return " ".join(parts)


def shown(command, events, base, zone):
    """Returns the output lines, the errors and the exit status of the command for the events.
    Leaves out the lines that depend on the current time."""
    answer = subprocess.run(
        [*command, "--iterations=3", f"--base-time={base}", "--", *events],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        timeout=60,
    )
    # systemd 257 writes "Iteration #2:" instead of "Iter. #2:".
    text = answer.stdout.replace("   Iteration #", "       Iter. #")
    lines = [line for line in text.split("\n") if "From now" not in line]
    # For an unknown time zone, our error message differs: it names the time zone.
    errors = re.sub(r"': the time zone \"No/Where\" is not .*", "': Invalid argument", answer.stderr)
    return lines, errors, answer.returncode


def times(lines):
    """Returns the times in UTC that the lines show."""
    found = re.findall(r"\S{3} (\S{10} \S{8}) UTC$", "\n".join(lines), re.MULTILINE)
    return [datetime.datetime.strptime(time, "%Y-%m-%d %H:%M:%S") for time in found]


class Calendar(unittest.TestCase):
    def test_events_match_systemd(self):
        compared = 0
        for seed, base in enumerate(BASES):
            for zone in LOCAL_ZONES:
                events = Events(f"{seed} {zone}")
                compared += self.compare([events.event() for _ in range(EVENTS)], base, zone)
        self.assertGreater(compared, 32 * EVENTS)

    def test_a_named_local_time_that_never_comes_is_found_at_once(self):
        # systemd says so, too, but does not know JDT if it formatted a later time before.
        for event, zone in (
            ("*-11,12,01,02-* *:* CEST", "Europe/Berlin"),
            ("*:* JDT", "Asia/Tokyo"),
        ):
            ours = shown([NOTIFYBRIDGE, "ctl", "calendar"], [event], BASES[0], zone)
            self.assertIn("    Next elapse: never", ours[0])

    def compare(self, events, base, zone):
        """Compares the two programs' output for these events. Returns the number of valid events.
        If the output differs, compares smaller parts, down to a single event."""
        expected = shown(["systemd-analyze", "calendar"], events, base, zone)
        ours = shown([NOTIFYBRIDGE, "ctl", "calendar"], events, base, zone)
        if ours == expected:
            return sum("Normalized form" in line for line in expected[0])
        if len(events) > 1:
            half = len(events) // 2
            return sum(self.compare(part, base, zone) for part in (events[:half], events[half:]))
        if "Resource deadlock avoided" not in expected[1]:
            with self.subTest(events[0], base=base, zone=zone):
                self.check_skipped(events[0], zone, times(ours[0]), times(expected[0]))
        return 1

    def check_skipped(self, event, zone, ours, theirs):
        """Checks that systemd skipped a time that it finds if it starts a second before it."""
        self.assertEqual(len(ours), 3)
        self.assertLessEqual(ours, theirs)
        for time in ours:
            before = f"{time - datetime.timedelta(seconds=1):%Y-%m-%d %H:%M:%S} UTC"
            found = shown(["systemd-analyze", "calendar"], [event], before, zone)
            # At midnight in any zone, the second before belongs to the day whose step leads too far.
            if time.minute % 15 != 0 or time.second != 0:
                self.assertEqual(times(found[0])[0], time)


if __name__ == "__main__":
    if not shutil.which("systemd-analyze"):
        print("systemd-analyze is not installed", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv, verbosity=2)
