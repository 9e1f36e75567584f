#!/usr/bin/python3
"""Checks that the table has all directives in systemd's manual for the unit types that we honour.

LIST_DIRECTIVES names the executable that prints the table. Skipped if the installed systemd has no
manual, or has another version than the table.
"""

import gzip
import os
import re
import subprocess
import sys
import unittest

MANUAL = "/usr/share/man"
RELEASE = 252
# The manual pages with directives for the unit types that we honour.
PAGES = {
    "systemd.unit(5)",
    "systemd.service(5)",
    "systemd.socket(5)",
    "systemd.timer(5)",
    "systemd.path(5)",
    "systemd.exec(5)",
    "systemd.kill(5)",
    "systemd.resource-control(5)",
}
SECTIONS = ("Unit", "Install", "Service", "Socket", "Timer", "Path")


def installed():
    """Returns why the manual cannot be read, or an empty text if it can."""
    try:
        said = subprocess.run(["systemctl", "--version"], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "systemctl is not installed, so the version of the manual is unknown"
    release = int(re.search(rb"systemd (\d+)", said)[1])
    if release != RELEASE:
        return f"systemd {release} is installed, but the table is for {RELEASE}"
    if not os.path.exists(f"{MANUAL}/man7/systemd.directives.7.gz"):
        return "systemd.directives(7) is not installed"
    return ""


def documented():
    """Returns the unit directives of systemd.directives(7), each with the pages that describe it.
    """
    with gzip.open(f"{MANUAL}/man7/systemd.directives.7.gz", "rt") as file:
        text = file.read()
    chapter = text.split('.SH "UNIT DIRECTIVES"')[1].split(".SH ")[0]
    found = {}
    for entry in re.findall(r"\.PP\n(.*?)\n\.RS 4\n(.*?)\n\.RE", chapter, re.S):
        names = re.findall(r"\\fI(\w+)=\\fR|\\fB(\w+)=\\fR|^(\w+)=", entry[0], re.M)
        pages = set(re.findall(r"\\fB([\w.-]+)\\fR\((\d)\)", entry[1]))
        for name in names:
            found["".join(name)] = {f"{page}({number})" for page, number in pages}
    return found


def known_to_systemd():
    """Returns the directives of each section in the installed systemd, documented or not."""
    said = subprocess.run(
        ["/lib/systemd/systemd", "--dump-configuration-items"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found, section = {}, None
    for line in said.splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), set())
        elif "=" in line:
            section.add(line.split("=")[0])
    return found


class Table(unittest.TestCase):
    def setUp(self):
        lines = subprocess.run(
            [os.environ["LIST_DIRECTIVES"]], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        self.rows = [line.split() for line in lines]
        self.names = {row[1] for row in self.rows}

    def test_the_table_has_each_directive_of_the_manual(self):
        wanted = {name for name, pages in documented().items() if pages & PAGES}
        self.assertGreater(len(wanted), 300)
        self.assertEqual(wanted - self.names, set())

    def test_an_undocumented_directive_is_marked(self):
        said = {name for _, name, _, mark in self.rows if mark == "documented"}
        self.assertEqual(said - set(documented()), set())

    def test_each_section_has_the_directives_of_systemd(self):
        known = known_to_systemd()
        for section in SECTIONS:
            ours = {row[1] for row in self.rows if row[0] == section}
            self.assertEqual(known[section] - ours, set(), section)

    def test_a_directive_unknown_to_systemd_is_marked(self):
        known = known_to_systemd()
        for section in SECTIONS:
            said = {row[1] for row in self.rows if row[0] == section and row[3] == "documented"}
            self.assertEqual(said - known[section], set(), section)


if __name__ == "__main__":
    reason = installed()
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    unittest.main(verbosity=2)
