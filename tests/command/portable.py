#!/usr/bin/python3
"""The sources mean the same with every compiler and C library that they are built with."""

import os
import re
import shlex
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "subcommands")

# A function at the level of a namespace, which is not indented, up to its parameters' end.
FUNCTION = re.compile(
    r"^(?P<template>template <[^\n]*>\n)?"
    r"(?!using |namespace |return |struct |class |enum |static_assert|#|//)"
    r"[A-Za-z\[][^\n;={}()]*?[ &*](?P<name>[a-z_0-9]+)\((?P<parameters>[^;{}]*?)\)[^;{}()]*[;{]",
    re.MULTILINE,
)
# Numbers are of no namespace.
NUMBER = r"(?:u?int\d+_t|size_t)\b"
ALIAS = re.compile(rf"^using (\w+) = std::(?!{NUMBER})", re.MULTILINE)

# Those of std take numbers, and ours take none alone.
HARMLESS = {"log", "to_string"}


def sources():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]pp")):
            yield path.relative_to(ROOT), path.read_text()


def functions_of_std(compiler, names):
    """Those of the names that are functions in namespace std, whatever header declares them."""
    lines = ["#include <bits/stdc++.h>"]
    # A class may share its name with functions, and with nothing else.
    lines += [
        f"namespace n{number} {{ struct {name}; using std::{name}; }}"
        for number, name in enumerate(names)
    ]
    answer = subprocess.run(
        [*compiler, "-std=c++20", "-w", "-fsyntax-only", "-x", "c++", "-"],
        input="\n".join(lines),
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        timeout=250,
    )
    refused = {int(line) - 2 for line in re.findall(r"<stdin>:(\d+):\d+: error", answer.stderr)}
    return {name for number, name in enumerate(names) if number not in refused}


class Portable(unittest.TestCase):
    def test_no_function_can_be_taken_for_one_of_std(self):
        """A call without a namespace looks into those of its arguments, too: what takes something of
        std's and has the name of a function there is another one's, by what other headers include."""
        aliases = {alias for _, text in sources() for alias in ALIAS.findall(text)}
        std = re.compile(rf"std::(?!{NUMBER})|\b({'|'.join(sorted(aliases))})\b")
        declared = {}
        for path, text in sources():
            for function in FUNCTION.finditer(text):
                if function["template"] or std.search(function["parameters"]):
                    declared.setdefault(function["name"], path)
        self.assertGreater(len(declared), 300)
        # That all of it is answered is seen by the first and the last, whose answers are known.
        known = {"quoted", "not_in_std"}
        names = ["quoted", *sorted(declared.keys() - known), "not_in_std"]
        found = functions_of_std(shlex.split(os.environ["CXX"]), names)
        self.assertEqual(found & known, {"quoted"})
        taken = (found & declared.keys()) - HARMLESS
        self.assertEqual({name: str(declared[name]) for name in taken}, {})

    def test_the_c_library_reads_no_numbers(self):
        """From glibc 2.38 on it takes 0b for a prefix where it did not before."""
        reader = re.compile(r"\b(strto[a-z]+|ato[ifl]+|v?f?sscanf|std::sto[a-z]{1,3})\((?!3\))")
        found = [f"{path}: {match[1]}" for path, text in sources() for match in reader.finditer(text)]
        self.assertEqual(found, [])

    def test_nothing_uses_the_streams_of_iostream(self):
        """They are not made in the executable; see base/system/streams."""
        stream = re.compile(r"^#include <iostream>|\bstd::w?(?:cin|cout|cerr|clog)\b", re.MULTILINE)
        found = [f"{path}: {match[0]}" for path, text in sources() for match in stream.finditer(text)]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
