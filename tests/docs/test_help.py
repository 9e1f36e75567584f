#!/usr/bin/python3
"""What --help shows fits a terminal of 80 columns."""

import unittest

import documented

WIDTH = 79  # Where a terminal breaks a line that fills it, there is an empty one.


class Help(unittest.TestCase):
    def test_no_line_is_too_long(self):
        for words in ([], *([name] for name in documented.subcommands())):
            with self.subTest(words):
                lines = documented.help_of(*words).splitlines()
                self.assertGreater(len(lines), 5)
                self.assertEqual([line for line in lines if len(line) > WIDTH], [])


unittest.main()
