#!/usr/bin/python3
"""Checks that knowledge has one place: the words of a message, and the names of container managers.

A message is found in the log by its tag (src/base/util/tags.hpp), and not by its words. So the
diagnosis and `status` share few sentences with the messages of the programs. A sentence in both
places would have to be changed in both.

What differs between container managers is in the rows of src/bridge/runtime/manager.
"""

import os
import re
import unittest

import documented

SRC = os.path.join(documented.SOURCE, "src")
READERS = (os.path.join("bridge", "diagnosis"), os.path.join("bridge", "status"))
# Shorter literals, such as "the health check", are shared by chance.
LEAST_SIZE, LEAST_WORDS = 20, 3

# The only shared sentences, with the reason.
ALLOWED = {
    # `status --check` finds the same fault itself, and does not read it in the log.
    "no OCI runtime is in PATH (": "same fault",
    ") or in podman's settings": "same fault",
    "guests of this machine need /dev/vhost-vsock, which does not exist": "same fault",
    "no WATCHDOG=1 yet, but systemd expects one every": "same fault",
    "file descriptors are not passed on:": "same fault",
    "cannot read the journal of the shared directory:": "same fault",
    "the run broke off: wrap was killed": "same fault",
    "it is a symbolic link": "same fault",
    "the guest did not send READY=1": "same fault",
    "the guest did not report that": "same fault",
    "is active (--ready-on)": "same fault",
    # The remedy is the same.
    "give the guest the credential": "same remedy",
    "remove --notify-access=main, start the app with `exec` in its script, or let the command send "
    "MAINPID= with the app's pid": "same remedy",
    # Read in the reason of a tagged message.
    "the guest has only sent": "one of several reasons with the tag [before-ready] or [timeout]",
}

# The only sources that compare the name of a container manager, with the reason.
MANAGERS = {
    "src/bridge/diagnosis/absence.cpp": "docker's plugin for compose",
    "src/bridge/runtime/find_health_check.cpp": "reads podman's own storage",
    "subcommands/runtime.cpp": "the word after --configure",
}


def literals(text):
    """Returns the literals of a source. Adjacent literals are joined, as the compiler does it."""
    text = re.sub(r"^\s*//.*$|^#include.*$", "", text, flags=re.MULTILINE)
    joined = re.sub(r'"\s*\n\s*"', "", text)
    return {literal.strip() for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined)}


def is_sentence(literal):
    return len(literal) >= LEAST_SIZE and len(literal.split()) >= LEAST_WORDS


def shared(readers, writers):
    return {each for each in readers if is_sentence(each) and any(each in other for other in writers)}


class Literals(unittest.TestCase):
    def test_few_sentences_are_shared_with_messages(self):
        self.maxDiff = None
        readers, writers = set(), set()
        for place, _, names in os.walk(SRC):
            found = readers if os.path.relpath(place, SRC).startswith(READERS) else writers
            for name in names:
                if name.endswith((".cpp", ".hpp")):
                    with open(os.path.join(place, name), encoding="utf-8") as file:
                        found |= literals(file.read())
        self.assertGreater(len(readers), 500)
        self.assertEqual(shared(readers, writers), set(ALLOWED))
        self.assertLessEqual(len(ALLOWED), 15)

    def test_few_sources_compare_the_names_of_container_managers(self):
        with open(os.path.join(SRC, "bridge", "runtime", "manager.cpp"), encoding="utf-8") as file:
            names = re.findall(r'^        \.name = "(\w+)",$', file.read(), re.MULTILINE)
        self.assertIn("podman", names)
        quoted = f'"(?:{"|".join(names)})"'
        compared = re.compile(rf"[!=]= *{quoted}|{quoted} *[!=]=")
        found = []
        for top in ("src/bridge", "subcommands"):
            for place, _, files in os.walk(os.path.join(documented.SOURCE, top)):
                for path in (os.path.join(place, name) for name in files):
                    with open(path, encoding="utf-8") as file:
                        for _ in compared.findall(file.read()):
                            found.append(os.path.relpath(path, documented.SOURCE))
        self.assertEqual(sorted(found), sorted(MANAGERS), "add a member to Manager instead")

    def test_a_part_of_a_message_is_noticed(self):
        writer = literals('log("the app ended too early "\n    "for its probe: ", x);\n')
        reader = literals('find(line, "ended too early for its probe");\n// "a b c d e f g h i j k l"\n')
        self.assertEqual(shared(reader, writer), {"ended too early for its probe"})
        self.assertEqual(shared({"the health check"}, {"the health check"}), set())


documented.main()
