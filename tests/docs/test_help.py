#!/usr/bin/python3
"""Checks that the output of --help fits the terminal, and ends with an example and the exit
statuses."""

import os
import re
import shlex
import tempfile
import unittest

import documented

WIDEST = 79  # A terminal shows an empty line after a line that fills it.
WIDTHS = ((10, 40), (40, 40), (60, 60), (80, WIDEST), (200, WIDEST))
SYSV_NAMES = ("halt", "poweroff", "reboot", "runlevel", "shutdown", "systemd-run", "telinit")


def examples_in(text):
    """Returns the words of the commands below "Example…:"."""
    found = re.findall(r"^Example[^:]*:[^:\n]*\n((?:  .*\n)+)", text, re.MULTILINE)
    return [shlex.split(block.replace("\\\n", "")) for block in found]


class Help(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="notifybridge-test.")
        self.addCleanup(directory.cleanup)
        self.programs = [(documented.EXECUTABLE, name) for name in documented.subcommands()]
        for name in (*SYSV_NAMES, *documented.ALIASES):
            link = os.path.join(directory.name, name)
            os.symlink(documented.EXECUTABLE, link)
            self.programs.append((link,))

    def test_no_line_is_too_long(self):
        for program in ((documented.EXECUTABLE,), *self.programs):
            for columns, longest in WIDTHS:
                with self.subTest(program, columns=columns):
                    lines = documented.help_of_program(*program, columns=columns).splitlines()
                    self.assertGreater(len(lines), 5)
                    self.assertEqual([line for line in lines if len(line) > longest], [])

    def test_examples_are_the_same_in_a_narrow_terminal(self):
        for program in self.programs:
            with self.subTest(program):
                wide = examples_in(documented.help_of_program(*program))
                self.assertNotEqual(wide, [])
                for columns, _ in WIDTHS:
                    narrow = documented.help_of_program(*program, columns=columns)
                    self.assertEqual(examples_in(narrow), wide)

    def test_exit_statuses_are_named(self):
        for program in self.programs:
            with self.subTest(program):
                text = documented.help_of_program(*program)
                self.assertRegex(text, r"(?m)^Exit status: .*\b0\b|^Exit status: (that of )?the ")

    def test_default_values_follow_the_word_default(self):
        for program in self.programs:
            with self.subTest(program):
                self.assertNotIn("default)", documented.help_of_program(*program))

    def test_the_common_options_of_run_are_the_first_options(self):
        text = documented.help_of("run")
        first = text[text.index("\nOptions:\n") : text.index("\nReadiness:\n")]
        self.assertEqual(
            re.findall(r"--[a-z-]+(?==|  )", first)[:5],
            ["--ready-when", "--timeout", "--stop-timeout", "--shared-dir", "--dry-run"],
        )


unittest.main()
