#!/usr/bin/python3
"""Checks that the output of --help fits a terminal of 80 columns."""

import unittest

import documented

WIDTH = 79  # A terminal shows an empty line after a line that fills it.


class Help(unittest.TestCase):
    def test_no_line_is_too_long(self):
        for words in ([], *([name] for name in documented.subcommands())):
            with self.subTest(words):
                lines = documented.help_of(*words).splitlines()
                self.assertGreater(len(lines), 5)
                self.assertEqual([line for line in lines if len(line) > WIDTH], [])

    def test_overview_fits_a_narrow_terminal(self):
        for columns, longest in ((40, 40), (60, 60), (10, 40), (200, WIDTH)):
            with self.subTest(columns):
                lines = documented.help_of(columns=columns).splitlines()
                self.assertEqual([line for line in lines if len(line) > longest], [])


unittest.main()
