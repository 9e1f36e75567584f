#!/usr/bin/python3
"""Checks that the manual lists exactly the directives of the table.

LIST_DIRECTIVES names the executable that prints the table. If this test fails, run it with
--write: it then writes the list into the manual.
"""

import itertools
import os
import re
import subprocess
import sys
import textwrap
import unittest

PAGE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../../../man/notifybridge-init.1")
WIDTH = 98

# The beginning of the manual's section. It is followed by a text for each kind of support, in the
# order of init/files/directive/directive.hpp.
HEADING = """\
.Sh DIRECTIVES
This section lists all directives of systemd 252 for services, sockets, timers, paths and targets.
It also lists directives of older and later releases.
The values of most unsupported directives are checked, too.
If a value is wrong,
.Nm notifybridge init
logs a warning or refuses the unit, as systemd would.
"""
KINDS = (
    ("Supported", "These directives work as in systemd."),
    (
        "Without a meaning here",
        "These directives control something that a container does not have, or do not affect a service.\n"
        "Examples are accounting, options of the journal, and resources without limits.\n"
        "There is no warning about these directives.",
    ),
    ("Not supported", "The unit starts without these directives, and a warning names them."),
    (
        "Not supported, and a protection",
        "The unit starts without the protection of these directives, and a warning names them.\n"
        "Limits that the container's runtime sets for the whole container apply to all units.",
    ),
    (
        "Not supported, and nothing is started",
        "Without these directives, the unit would run another program, or use another network.\n"
        "The unit's processes exit with 226/NAMESPACE or 225/NETWORK, and a warning names the directives.",
    ),
)


def table():
    """Returns (section, name, kind) of all directives."""
    out = subprocess.run(
        [os.environ["LIST_DIRECTIVES"]], stdout=subprocess.PIPE, check=True, text=True
    ).stdout
    words = [line.split() for line in out.splitlines()]
    return [(section, name, int(kind)) for section, name, kind, _ in words]


def by_sections(rows, order):
    """Returns the sorted names for each set of sections that contain them."""
    sections = {}
    for section, name, _ in rows:
        sections.setdefault(name, set()).add(section)
    found = {}
    for name, its in sorted(sections.items(), key=lambda item: item[0].lower()):
        found.setdefault(tuple(word for word in order if word in its), []).append(name)
    return sorted(found.items(), key=lambda item: ([order.index(word) for word in item[0]]))


def section_text(rows):
    out = HEADING
    order = list(dict.fromkeys(section for section, _, _ in rows))
    for kind, (title, text) in enumerate(KINDS):
        out += f".Ss {title}\n{text}\n.Bl -tag -width Ds\n"
        for sections, names in by_sections([row for row in rows if row[2] == kind], order):
            out += ".It " + " , ".join(f"[{word}]" for word in sections) + "\n"
            out += textwrap.fill(", ".join(f"{name}=" for name in names), WIDTH) + "\n"
        out += ".El\n"
    return out


def read_page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def split_page(text):
    """Returns the text before the section, the section, and the text after it."""
    found = re.search(r"^\.Sh DIRECTIVES\n.*?(?=^\.Sh )", text, re.MULTILINE | re.DOTALL)
    assert found, "the page has no section DIRECTIVES"
    return text[: found.start()], found.group(), text[found.end() :]


class DirectiveList(unittest.TestCase):
    def setUp(self):
        self.maxDiff = None

    def test_the_page_lists_the_directives_of_the_table(self):
        wanted = section_text(table()).splitlines()
        self.assertEqual(split_page(read_page())[1].splitlines(), wanted, "see --write")

    def test_each_directive_is_listed_once_for_each_of_its_sections(self):
        kinds = split_page(read_page())[1].split("\n.Ss ")[1:]
        listed = []
        for kind, text in enumerate(kinds):
            for heading, names in re.findall(
                r"^\.It (.*)\n((?:[^.].*\n)+)", text, re.MULTILINE
            ):
                listed += itertools.product(
                    re.findall(r"\w+", heading), re.findall(r"(\w+)=", names), [kind]
                )
        self.assertEqual(sorted(listed), sorted(table()))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        before, _, after = split_page(read_page())
        text = before + section_text(table()) + after
        with open(PAGE, "w", encoding="utf-8") as page:
            page.write(text)
    else:
        unittest.main(verbosity=2)
